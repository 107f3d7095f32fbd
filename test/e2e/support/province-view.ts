import { z } from 'zod';
import type { Registration } from '../../../src/shared/protocol/batch.ts';

const EntriesSchema = z.object({
  entries: z.array(z.object({ seq: z.number(), kind: z.string(), body: z.record(z.string(), z.unknown()) })),
});

export interface ProvinceEntry {
  readonly seq: number;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the province holds, seen through its own administrator's address. */
export interface ProvinceView {
  readonly url: string;
  register(device: Omit<Registration, 'deviceId'> & { readonly deviceId: string }): Promise<void>;
  entries(): Promise<readonly ProvinceEntry[]>;
  /** Levels of the settled ratings, in the order of the journal. */
  levels(): Promise<readonly unknown[]>;
}

export function readProvince(url: string, adminToken: string): ProvinceView {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
  async function entries(): Promise<readonly ProvinceEntry[]> {
    const answer = await fetch(`${url}/v1/entries?device=e2e-device-1&afterSeq=0`, { headers });
    return EntriesSchema.parse(await answer.json()).entries;
  }
  return {
    url,
    async register(device) {
      const answer = await fetch(`${url}/v1/devices`, {
        method: 'POST',
        headers,
        body: JSON.stringify(device),
      });
      if (!answer.ok) throw new Error(`the province did not register the device: ${await answer.text()}`);
    },
    entries,
    async levels() {
      const all = await entries();
      return all.filter((entry) => entry.kind === 'rating.settled').map((entry) => entry.body['level']);
    },
  };
}
