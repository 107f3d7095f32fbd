import { afterAll, expect, it } from 'vitest';
import { databaseWire } from '../../tools/queue-sim/wires/database.ts';
import { createHallDatabase, type DatabaseServer } from '../../tools/queue-sim/wires/database-server.ts';
import { startRealServer } from '../../tools/servers/database.ts';
import { queueLinkContract } from './queue-link-contract.ts';
import { simHarness } from './queue-sim-peer.ts';

/** A view shows tickets: nothing can be told it, and it has no word for a pause. */
const ABILITIES = { calls: true, results: false, operates: false } as const;
/** The delivered delays, shortened. */
const QUICK = { lookEveryMs: 60, retryFirstMs: 50, retryCapMs: 100, queryLimitMs: 1000 };

// Started here, because the report names the version the running server gives.
const servers = await Promise.all([
  startRealServer('postgresql', 'IP:127.0.0.1'),
  startRealServer('mariadb', 'IP:127.0.0.1'),
]);
const stopAll = () => Promise.all(servers.map((one) => one.stop()));
afterAll(async () => {
  await stopAll();
});

const versionOf = async (server: DatabaseServer): Promise<string> => {
  const database = await createHallDatabase(server, 'asked_for_its_version');
  await database.close();
  return database.version;
};
const versions = await Promise.all(servers.map((one) => versionOf(one.server))).catch(
  async (error: unknown) => {
    await stopAll();
    throw error;
  },
);

for (const [index, { server, caFile }] of servers.entries()) {
  const version = versions[index] ?? '';
  queueLinkContract(
    `database, ${version}, TLS`,
    ABILITIES,
    simHarness({ wire: databaseWire({ server, caFile }) }, { settings: QUICK }),
  );

  it(`${version}: the server said its version`, () => {
    expect(version).toMatch(/^(?:PostgreSQL|MariaDB) \d+\.\d+/);
  });
}
