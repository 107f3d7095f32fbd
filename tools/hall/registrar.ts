/** Makes the device known to the province, from what its journal says about itself. Tries until it is done. */
import { z } from 'zod';
import type { ProvinceOffice } from './province-office.ts';

const BegunSchema = z.object({ deviceId: z.string(), publicKey: z.string(), suite: z.string() });
const TRY_AGAIN_MS = 1_000;

export interface Registrar {
  /** @param begun body of the journal's first entry. */
  register(begun: unknown): void;
  registered(): boolean;
  problem(): string | null;
  stop(): void;
}

export function createRegistrar(parts: {
  readonly office: ProvinceOffice;
  readonly place: { readonly hall: string; readonly counter: string };
  readonly onRegistered: () => void;
  readonly onChange: () => void;
}): Registrar {
  let registered = false;
  let problem: string | null = null;
  let again: NodeJS.Timeout | undefined;

  async function attempt(device: z.output<typeof BegunSchema>): Promise<void> {
    const answer = await parts.office.register({ ...device, ...parts.place });
    registered = answer.ok;
    problem = answer.ok ? null : answer.message;
    if (answer.ok) parts.onRegistered();
    else again = setTimeout(() => void attempt(device), TRY_AGAIN_MS);
    parts.onChange();
  }

  return {
    register(begun) {
      if (registered) return;
      clearTimeout(again);
      void attempt(BegunSchema.parse(begun));
    },
    registered: () => registered,
    problem: () => problem,
    stop: () => clearTimeout(again),
  };
}
