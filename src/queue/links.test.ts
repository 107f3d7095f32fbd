import { describe, expect, it } from 'vitest';
import { QueueSettingsSchema } from './links.ts';
import { RateServiceSettingsSchema } from './rate-service/settings.ts';

const least = { kind: 'rate-service', url: 'ws://10.0.0.5:3348', userCode: '1001' };

describe('settings of a queue link', () => {
  it('need an address and a user, nothing else', () => {
    expect(QueueSettingsSchema.parse(least)).toMatchObject({
      extensions: false,
      spelling: 'code',
      probe: 'auto',
    });
  });

  it('notice a dead connection within two seconds as delivered', () => {
    const settings = RateServiceSettingsSchema.parse(least);
    expect(settings.silenceLimitMs + settings.probeEveryMs).toBeLessThanOrEqual(2000);
  });

  it.each([
    ['another make', { ...least, kind: 'carrier-pigeon' }],
    ['no WebSocket address', { ...least, url: 'http://10.0.0.5:3348' }],
    ['a password in the address', { ...least, url: 'ws://u:p@10.0.0.5:3348' }],
    ['a key nobody knows', { ...least, rejectUnauthorized: false }],
    ['a wait above the cap', { ...least, retryCapMs: 60_000 }],
    ['a silence shorter than the probe', { ...least, probeEveryMs: 5000 }],
    ['a user number with a line break', { ...least, userCode: '1\n2' }],
  ])('refuse %s', (_, settings) => {
    expect(QueueSettingsSchema.safeParse(settings).success).toBe(false);
  });
});
