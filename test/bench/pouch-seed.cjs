// FILE FOLDER MODULES: the entries of the journal in FILE as documents of a PouchDB in FOLDER.
const { createRequire } = require('node:module');
const { join } = require('node:path');
const Database = require('better-sqlite3');

const [file, folder, modules] = process.argv.slice(2);
const PouchDB = createRequire(join(modules, 'package.json'))('pouchdb');
const page = new Database(file, { readonly: true }).prepare(
  'SELECT seq, id, kind, at, boot, mono, body, hex(hash) AS hash, sig FROM journal WHERE seq > ? ORDER BY seq LIMIT 1000',
);

async function run() {
  const to = new PouchDB(join(folder, 'entries'));
  for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1).seq))
    await to.bulkDocs(
      rows.map(({ id, body, sig, ...row }) => ({
        _id: id,
        ...row,
        body: JSON.parse(body),
        sig: sig?.toString('base64'),
      })),
    );
  console.log(JSON.stringify(await to.info()));
  await to.close();
}
run().catch((error) => {
  console.error(error);
  process.exit(1);
});
