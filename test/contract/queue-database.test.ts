import { afterAll, expect, it } from 'vitest';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { databaseWire } from '../../tools/queue-sim/wires/database.ts';
import { startRealServer } from './queue-database-servers.ts';
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
afterAll(async () => {
  await Promise.all(servers.map((one) => one.stop()));
});

for (const { server, caFile } of servers) {
  let version = '';
  const probe = await createQueueSim({
    wire: databaseWire({
      server,
      onDatabase: (database) => {
        version = database.version;
      },
    }),
  });
  await probe.stop();

  const over = (tls: { caFile: string } | object) =>
    simHarness({ wire: databaseWire({ server, ...tls }) }, { settings: QUICK });
  queueLinkContract(`database, ${version}, TLS`, ABILITIES, over({ caFile }));

  it(`${version}: the server said its version`, () => {
    expect(version).toMatch(/^(?:PostgreSQL|MariaDB) \d+\.\d+/);
  });
}
