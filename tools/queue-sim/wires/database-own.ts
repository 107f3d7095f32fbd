import { startRealServer } from '../../servers/database.ts';
import type { StartWire } from '../wire.ts';
import { type DatabaseServer, type DatabaseWireOptions, databaseWire } from './database.ts';

/** The database wire with a server of its own in a temporary folder, which ends with it. */
export function ownDatabaseWire(
  engine: DatabaseServer['engine'],
  options: Pick<DatabaseWireOptions, 'keepForMs'> = {},
): StartWire {
  return async (world) => {
    const real = await startRealServer(engine);
    const starting = databaseWire({ ...options, server: real.server })(world);
    const wire = await starting.catch(async (error: unknown) => {
      await real.stop();
      throw error;
    });
    return {
      ...wire,
      async stop() {
        // It may have ended by the terminal's Ctrl-C already, and goes with all it holds anyway.
        await wire.stop().catch(() => undefined);
        await real.stop();
      },
    };
  };
}
