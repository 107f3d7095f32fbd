// FOLDER MODULES: express-pouchdb on a free port of this machine; its databases lie in FOLDER.
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [folder, modules] = process.argv.slice(2);
const load = createRequire(join(modules, 'package.json'));
process.chdir(folder);
const PouchDB = load('pouchdb').defaults({ prefix: `${folder}/` });
const app = load('express')();
const options = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'log.txt') };
app.use(load('express-pouchdb')(PouchDB, options));
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
