import type { Clock } from '../../shared/clock.ts';
import { verifyRequest } from '../../shared/protocol/signature.ts';
import type { Db } from '../db/db.ts';
import type { Refused } from '../refusal.ts';
import { createDirectory } from './directory.ts';
import type { ProvenDevice } from './ingest.ts';
import { raiseAlarms } from './ledger.ts';

/** Between two alarms about one device whose requests are not proven: anybody can send such requests. */
const UNPROVEN_ALARM_EVERY_MS = 60_000;

/** A request as it came, its body as bytes. */
export interface DeviceRequest {
  readonly params: { readonly id: string };
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Proven {
  readonly device: ProvenDevice;
  readonly nowMs: number;
  /** Device clock minus ours, as the signature says. */
  readonly clockOffsetMs: number;
}

export type Prove = (request: DeviceRequest) => Promise<Proven | Refused>;

/** Whether a request is signed by the device in its address. Looks at nothing inside the body. */
export function createProver(parts: { readonly db: Db; readonly clock: Clock }): Prove {
  const { db, clock } = parts;
  const directory = createDirectory(db);
  const unprovenAt = new Map<string, number>();

  async function alarmUnproven(deviceId: string, reason: string, nowMs: number): Promise<void> {
    const mono = clock.monoMs();
    const lastMono = unprovenAt.get(deviceId);
    if (lastMono !== undefined && mono - lastMono < UNPROVEN_ALARM_EVERY_MS) return;
    unprovenAt.set(deviceId, mono);
    const text = `A request in the name of ${deviceId} was not proven: ${reason}.`;
    await raiseAlarms(
      db,
      deviceId,
      [{ kind: 'badRequestSignature', seq: 0, serviceKey: null, receipt: null, text }],
      nowMs,
    );
  }

  return async (request) => {
    const { id } = request.params;
    const device = await directory.find(id);
    if (!device)
      return {
        error: 'unknownDevice',
        message: `Device ${id} is not registered. Register it with its public key, then it may send again.`,
      };
    const nowMs = clock.nowMs();
    const check = verifyRequest(device.suite, {
      method: request.method,
      path: request.url,
      body: request.body,
      headers: request.headers,
      publicKeyOf: (keyId) => (keyId === id ? device.publicKey : undefined),
    });
    if (check.ok) return { device, nowMs, clockOffsetMs: check.createdMs - nowMs };
    await alarmUnproven(id, check.reason, nowMs);
    return {
      error: 'badSignature',
      message: `The request of ${id} is not proven: ${check.reason}. Sign it with the key that is registered for this device.`,
    };
  };
}
