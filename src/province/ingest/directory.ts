import type { SuiteName } from '../../shared/journal/suite.ts';
import { loadSuite } from '../../shared/journal/suites.ts';
import type { Db } from '../db/db.ts';
import type { ProvenDevice } from './ingest.ts';

const DEVICES_KEPT = 4096;

/**
 * Keys of registered devices. A registered key never changes, so what was found once stays true; whether the
 * device may still send is asked again in the transaction.
 */
export function createDirectory(db: Db): { find(deviceId: string): Promise<ProvenDevice | undefined> } {
  const known = new Map<string, ProvenDevice>();
  return {
    async find(deviceId) {
      const kept = known.get(deviceId);
      if (kept) return kept;
      const [row] = await db.query<{ id: string; publicKey: string; suite: SuiteName }>(
        'SELECT id, public_key AS "publicKey", suite FROM device WHERE id = $1',
        [deviceId],
      );
      if (!row) return undefined;
      const device: ProvenDevice = {
        id: row.id,
        suite: await loadSuite(row.suite),
        publicKey: Buffer.from(row.publicKey, 'base64'),
      };
      if (known.size >= DEVICES_KEPT) known.clear();
      known.set(deviceId, device);
      return device;
    },
  };
}
