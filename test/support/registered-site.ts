import { expect } from 'vitest';
import { systemClock } from '../../src/shared/clock.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import { site } from './bent-journal.ts';
import { ADMIN } from './province.ts';

/** A kiosk's folder and key on this machine's clock, known to the province at `baseUrl`. */
export async function registeredSite(baseUrl: string, deviceId: string) {
  const here = site();
  const parts = { ...here.parts, deviceId: DeviceIdSchema.parse(deviceId), clock: systemClock };
  const reply = await fetch(`${baseUrl}/v1/devices`, {
    method: 'POST',
    headers: { ...ADMIN, 'content-type': 'application/json' },
    body: JSON.stringify({
      deviceId,
      publicKey: Buffer.from(parts.signer.publicKey).toString('base64'),
      suite: 'ed25519-sha256',
      hall: '大厅',
      counter: '12',
    }),
  });
  expect(reply.status).toBe(201);
  return { ...here, parts };
}
