import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TokenKeysSchema } from '../../src/shared/ticket-token/keys.ts';
import { runTicketTokenCommand } from './command.ts';

const NOW_MS = Date.UTC(2026, 4, 6, 2, 0, 0);
const folder = mkdtempSync(join(tmpdir(), 'yiping-tokens-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (line: string, nowMs = NOW_MS) => runTicketTokenCommand(line.split(' ').filter(Boolean), nowMs);
const ticket = '--hall yunxi --counter 3 --number A001 --date 2026-05-06 --queue 社会保险';

describe.each(['EdDSA', 'SM2'])('ticket-token with %s', (alg) => {
  const file = join(folder, `${alg}.pem`);
  const keys = join(folder, `${alg}.json`);

  it('makes a key, signs with it, and verifies', async () => {
    const made = await run(`keygen --alg ${alg} --kid queue-1 --out ${file}`);
    expect(made.code).toBe(0);
    expect(made.out).not.toContain('PRIVATE');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // As a shell catches it, and as the settings of a tablet take it.
    writeFileSync(keys, made.out);
    expect(TokenKeysSchema.parse(JSON.parse(made.out))).toHaveLength(1);
    const signed = await run(`sign --alg ${alg} --kid queue-1 --key ${file} ${ticket}`);
    expect(signed).toMatchObject({ code: 0, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) });
    const token = signed.out.trim();
    const verify = `verify --keys ${keys} ${ticket} ${token}`;
    expect(await run(verify)).toMatchObject({ code: 0, out: expect.stringMatching(/^valid\n/) });
    expect(await run(`${verify} --counter 4`)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^otherCounter: /),
    });
    expect(await run(verify, NOW_MS + 3_600_000)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^expired: /),
    });
    expect(await run(`${verify} --at ${NOW_MS - 3_600_000}`)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^notYet: /),
    });
  });

  it('never writes over a key', async () => {
    const before = readFileSync(file, 'utf8');
    expect((await run(`keygen --alg ${alg} --kid queue-1 --out ${file}`)).code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('says what is missing or wrong in what it is told', async () => {
    const sign = `sign --alg ${alg} --kid queue-1 --key ${file}`;
    for (const [line, words] of [
      ['', 'ticket-token keygen'],
      ['dance', 'ticket-token keygen'],
      [sign, '--hall is needed'],
      [`${sign} ${ticket} --lifetime 901`, '1 to 900'],
      [`${sign} ${ticket} --handling 0`, '1 to 9999'],
      [`${sign} ${ticket} --date 20260506`, '--date 20260506 must be a day as 2026-05-06'],
      [`${sign} ${ticket} --date 2026-02-30`, '--date 2026-02-30 must be a day'],
      [`${sign} ${ticket} --number ${'9'.repeat(41)}`, 'ticket.number'],
      [`${sign} ${ticket} --id short`, 'jti'],
      [`sign --alg none --kid q --key ${file} ${ticket}`, 'EdDSA or SM2'],
      [`verify --keys ${keys} ${ticket}`, 'Name the token'],
    ] as const)
      expect(await run(line)).toMatchObject({ code: 2, out: expect.stringContaining(words) });
  });
});
