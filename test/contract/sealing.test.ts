import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSealed } from '../../src/province/sealing/open.ts';
import { ENTRY_BODIES } from '../../src/shared/journal/entry.ts';
import { seal } from '../../src/shared/sealing/seal.ts';
import { MAX_SEALED_BYTES, SEALING_NAMES, type Sealed } from '../../src/shared/sealing/sealed.ts';
import { makeSealingKey, PLACE } from '../support/sealing-keys.ts';
import { drafts, mustOpen, newFolder, newService, storeParts } from '../support/store-parts.ts';

/** The kiosk seals, the province opens, and nobody in between reads. */
const bend = (base64: string, at: number) => {
  const bytes = Buffer.from(base64, 'base64');
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1;
  return bytes.toString('base64');
};

describe.each(SEALING_NAMES)('%s', (suite) => {
  it('opens at the province, whatever was written, and tells its length in steps only', async () => {
    const { pem, publicKey } = await makeSealingKey(suite);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (plain) => {
        const sealed = await seal({ suite, publicKey }, plain, PLACE);
        expect((Buffer.from(sealed.ct, 'base64').length - 16) % 256).toBe(0);
        expect(await openSealed(pem, sealed, PLACE)).toEqual({ ok: true, plain: Buffer.from(plain) });
      }),
      { numRuns: 20 },
    );
  });

  it('opens nowhere else and for nobody else, and not after a change', async () => {
    const [own, other] = [await makeSealingKey(suite), await makeSealingKey(suite)];
    const sealed = await seal({ suite, publicKey: own.publicKey }, Buffer.from('13800000000'), PLACE);
    expect(await openSealed(other.pem, sealed, PLACE)).toMatchObject({ ok: false });
    for (const moved of [
      { ...PLACE, deviceId: 'hall-01-counter-13' },
      { ...PLACE, serviceKey: 'hall-01/20260506/Q1/A013/1/c12' },
      { ...PLACE, invitation: '019dfb2a-3f80-7000-8000-000000000002' },
      { ...PLACE, to: 'province-2027' },
    ])
      expect(await openSealed(own.pem, sealed, moved)).toMatchObject({ ok: false });
    const bent: Sealed[] = [0, 1, 40, 70, 100, 124].flatMap((at) => [
      { ...sealed, enc: bend(sealed.enc, at) },
      { ...sealed, ct: bend(sealed.ct, at) },
      { ...sealed, ct: bend(sealed.ct, Buffer.from(sealed.ct, 'base64').length - 1 - (at % 16)) },
    ]);
    for (const one of [...bent, { ...sealed, enc: '' }, { ...sealed, ct: '' }])
      expect(await openSealed(own.pem, one, PLACE)).toMatchObject({ ok: false });
  });

  it('never gives the same bytes twice, and takes no more than it may', async () => {
    const { publicKey } = await makeSealingKey(suite);
    const [one, two] = await Promise.all(
      [1, 2].map(() => seal({ suite, publicKey }, Buffer.from('same'), PLACE)),
    );
    expect(one?.enc).not.toBe(two?.enc);
    expect(one?.ct).not.toBe(two?.ct);
    await expect(seal({ suite, publicKey }, Buffer.alloc(MAX_SEALED_BYTES + 1), PLACE)).rejects.toThrow(
      'at most',
    );
    await expect(seal({ suite, publicKey: Buffer.alloc(9) }, Buffer.from('x'), PLACE)).rejects.toThrow();
  });

  it('nothing personal lies in the data folder in clear; the entry is what was sealed', async () => {
    const { pem, publicKey } = await makeSealingKey(suite);
    const { folder, remove } = newFolder();
    try {
      const parts = storeParts(folder);
      const store = mustOpen(parts);
      const service = newService('hall-01/sealed/1');
      for (const draft of [drafts.opened(service), drafts.chosen(service, 1), drafts.settled(service, 1)])
        expect(store.append([draft])).toMatchObject({ ok: true });
      const words = '请回电 13812345678，王小明，材料退了三次';
      const plain = Buffer.from(JSON.stringify({ text: words.repeat(60), contact: '13812345678' }));
      const place = { ...PLACE, ...service, deviceId: parts.deviceId };
      const sealed = await seal({ suite, publicKey }, plain, place);
      const body = ENTRY_BODIES['rating.sealed'].parse({ ...service, to: place.to, ...sealed });
      expect(store.append([{ kind: 'rating.sealed', body }])).toMatchObject({ ok: true });

      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        const bytes = readFileSync(join(file.parentPath, file.name));
        for (const secret of ['13812345678', '王小明', '材料退了三次', Buffer.from(words).toString('base64')])
          expect(bytes.includes(secret), `${file.name} holds ${secret}`).toBe(false);
      }
      const entry = [...store.entries()].find(({ kind }) => kind === 'rating.sealed');
      store.close();
      const kept = ENTRY_BODIES['rating.sealed'].parse(JSON.parse(String(entry?.body)));
      const { enc, ct } = kept;
      expect(await openSealed(pem, { suite: kept.suite, enc, ct }, place)).toEqual({ ok: true, plain });
    } finally {
      remove();
    }
  });

  it('the largest that may be sealed fits its entry, and not much more does', async () => {
    const { publicKey } = await makeSealingKey(suite);
    const service = { invitation: PLACE.invitation, serviceKey: PLACE.serviceKey, to: PLACE.to };
    const sealed = await seal({ suite, publicKey }, Buffer.alloc(MAX_SEALED_BYTES, 'x'), PLACE);
    const schema = ENTRY_BODIES['rating.sealed'];
    expect(schema.safeParse({ ...service, ...sealed }).success).toBe(true);
    for (const wrong of [
      { ...sealed, ct: Buffer.alloc(6000).toString('base64') },
      { ...sealed, enc: Buffer.alloc(400).toString('base64') },
      { ...sealed, suite: 'none' },
      { ...sealed, text: 'in clear' },
    ])
      expect(schema.safeParse({ ...service, ...wrong }).success).toBe(false);
  });
});
