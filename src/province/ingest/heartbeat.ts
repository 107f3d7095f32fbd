import type { Heartbeat } from '../../shared/protocol/heartbeat.ts';
import type { Db, Queryable } from '../db/db.ts';
import type { Refused } from '../refusal.ts';
import { type DeviceHead, heardFrom, heldPlaces, lockDevice, raiseAlarms } from './ledger.ts';
import type { AlarmKind } from './projection.ts';
import type { Proven } from './prove.ts';

export type Heard =
  | { readonly ok: true; readonly heldSeq: number; readonly heldHash: string }
  | { readonly ok: false; readonly refused: Refused };

interface Place {
  readonly boot: string;
  readonly mono: number;
}

/**
 * A device says how far its journal goes. Compared with what is held and with what it said before, that names
 * what is missing, a journal that is shorter than it was, and one that is another.
 */
export function hearHeartbeat(db: Db, proven: Proven, said: Heartbeat): Promise<Heard> {
  return db.transaction((tx) => hearLocked(tx, proven, said));
}

async function hearLocked(tx: Queryable, proven: Proven, said: Heartbeat): Promise<Heard> {
  const { device, nowMs, clockOffsetMs } = proven;
  const head = await lockDevice(tx, device.id);
  if (!head) throw new Error(`a heartbeat of ${device.id} came unchecked to the ledger`);
  if (head.state === 'revoked')
    return refuse({
      error: 'revoked',
      message: `Device ${device.id} has been revoked. Provision it again before it sends.`,
    });
  const raise = (kind: AlarmKind, seq: number, text: string) =>
    raiseAlarms(tx, device.id, [{ kind, seq, serviceKey: null, receipt: null, text }], nowMs);
  const held = { ok: true, heldSeq: head.headSeq, heldHash: head.headHash } as const;

  const near = await heldPlaces(tx, device.id, said.headSeq, said.headSeq + 1);
  const own = near.find((entry) => entry.seq === said.headSeq);
  if (own && own.hash !== said.headHash) {
    const text = `Device ${device.id} says that its journal ends with another entry ${said.headSeq} than the one held. It may have been restored from an old copy or run twice: stop it and provision it again.`;
    await raise('fork', said.headSeq, text);
    return refuse({ error: 'fork', seq: said.headSeq, message: text });
  }
  const next = near.find((entry) => entry.seq === said.headSeq + 1);
  if (next) {
    if (cameLate(said, own, next)) return held;
    const text = `The journal of device ${device.id} ends at ${said.headSeq}, and ${head.headSeq} entries of it are held here: an old copy was put back, or its end was cut off. Stop it and provision it again.`;
    await raise('oldCopy', said.headSeq, text);
    return refuse({ error: 'gap', expectedSeq: head.headSeq + 1, message: text });
  }
  if (said.headSeq < head.announcedSeq) {
    if (cameLate(said, own, announcedPlace(head))) return held;
    await raise(
      'cutTail',
      said.headSeq + 1,
      `Device ${device.id} once said that its journal goes to ${head.announcedSeq}; now it ends at ${said.headSeq}. Entries ${said.headSeq + 1} to ${head.announcedSeq} never came and are gone from the device.`,
    );
  }
  if (said.parkedSeq !== undefined && said.parkedSeq > head.headSeq)
    await raise(
      'parked',
      said.parkedSeq,
      `Device ${device.id} is held at entry ${said.parkedSeq}, which was refused here; everything after it waits on the device.`,
    );
  await heardFrom(tx, {
    deviceId: device.id,
    seq: said.headSeq,
    hash: said.headHash,
    boot: said.boot,
    mono: said.mono,
    nowMs,
    clockOffsetMs,
  });
  return held;
}

/**
 * Whether the heartbeat was made before what we know came after it: the network may hold one back. A journal
 * that went back is told by the device's own time, which went on.
 */
function cameLate(said: Place, own: Place | undefined, after: Place | undefined): boolean {
  if (!after) return false;
  if (after.boot === said.boot) return said.mono <= after.mono;
  return own?.boot === said.boot;
}

function announcedPlace(head: DeviceHead): Place | undefined {
  const { announcedBoot: boot, announcedMono: mono } = head;
  return boot === null || mono === null ? undefined : { boot, mono };
}

function refuse(refused: Refused): Heard {
  return { ok: false, refused };
}
