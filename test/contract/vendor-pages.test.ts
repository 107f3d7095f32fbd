import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFf68Decoder } from '../../src/device/decode/ff68.ts';
import { fromHex } from '../../src/device/decode/hex.ts';
import { readPush } from '../../src/queue/http/message.ts';
import { signatureOf } from '../../src/queue/http/proof.ts';
import { QueueSettingsSchema } from '../../src/queue/links.ts';
import { readPairAnswer, readPairingOffer } from '../../src/queue/pairing.ts';

/** What a vendor copies from the pages must be taken as it stands there. */
const page = (name: string) => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const found = (text: string, pattern: RegExp): string => {
  const match = pattern.exec(text);
  if (!match) throw new Error(`The page has nothing like ${pattern} any more.`);
  return match[1] ?? match[0];
};

describe('docs/pairing.md', () => {
  const text = page('pairing.md');

  it('shows a code whose fingerprint is that of the certificate beside it', () => {
    const certificate = found(text, /-----BEGIN CERTIFICATE-----\n[\s\S]+?-----END CERTIFICATE-----/);
    const pem = certificate.replaceAll(/^ +/gm, '');
    const digest = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
    const offer = readPairingOffer(found(text, /yiping-pair:1\?a=\S+/));
    expect(offer).toMatchObject({ code: '482913', fingerprint: digest });
    const short = digest.slice(0, 16).toUpperCase().match(/.{4}/g)?.join(' ');
    expect(text).toContain(`\`${short}\``);
  });

  it('shows an answer that a tablet takes', () => {
    const answer = found(text, /`200`:\n\n```json\n([\s\S]+?)```/);
    const read = readPairAnswer(200, answer);
    expect(read).toMatchObject({ ok: true });
    const queue = read.ok ? { ...read.grant.queue, passwordFile: 'p', caFile: 'c' } : {};
    expect(QueueSettingsSchema.safeParse(queue).success).toBe(true);
  });
});

it('docs/queue-links/http.md shows a signed request that a tablet takes', () => {
  const [, time = '', signature = '', body = ''] =
    /X-Yiping-Time: (\d+)\nX-Yiping-Signature: (\w+)\n.*\n\n(\{[\s\S]+?\}\n)```/.exec(
      page('queue-links/http.md'),
    ) ?? [];
  const sent = body.trim().replace('\n ', '');
  const request = { method: 'POST', target: '/queue', time, body: Buffer.from(sent) };
  expect(signatureOf('k', request)).toBe(signature);
  expect(readPush(sent)).toMatchObject({ type: 'ticket', ticketEvent: { kind: 'served', ticketNo: 'A001' } });
});

it('docs/queue-links/ff68-caller.md shows frames of a keypad', () => {
  const frames = [...page('queue-links/ff68-caller.md').matchAll(/`(FF 68(?: [0-9A-F]{2})+ 16)`/g)];
  expect(frames.map(([, bytes = '']) => createFf68Decoder().push(fromHex(bytes)))).toMatchObject([
    { frames: [{ address: 3, func: 1, data: [0x0c] }], faults: [] },
    { frames: [{ address: 3, func: 1, data: [2, 3, 0x0c] }], faults: [] },
  ]);
});
