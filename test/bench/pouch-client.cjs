// FOLDER MODULES URL BATCH: replicates the database in FOLDER to URL/entries, then says how long that took.
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { subscribe } = require('node:diagnostics_channel');

const [folder, modules, url, batch] = process.argv.slice(2);
const sockets = [];
subscribe('net.client.socket', ({ socket }) => sockets.push(socket));
const PouchDB = createRequire(join(modules, 'package.json'))('pouchdb');

async function run() {
  const from = new PouchDB(join(folder, 'entries'));
  const to = new PouchDB(`${url}/entries`);
  const startedAt = performance.now();
  await from.replicate.to(to, { batch_size: Number(batch) });
  const ms = performance.now() - startedAt;
  const { doc_count: arrived } = await to.info();
  const { user, system } = process.cpuUsage();
  const bytes = sockets.reduce((sum, socket) => sum + socket.bytesWritten, 0);
  console.log(JSON.stringify({ ms, bytes, arrived, cpuMs: (user + system) / 1000 }));
  process.exit(0);
}
run().catch((error) => {
  console.error(error);
  process.exit(1);
});
