// Puts the better-sqlite3 that was built for exactly this Electron in the place of the one the app brings, which
// needs a newer Node-API and would end the process without a word.
//
// One hook serves `require` and `import`, in the same thread: a CommonJS package, however it is asked for, is in
// the end loaded from its file by `Module._extensions`. So the name is found as always, and only what the file
// exports is exchanged. (Hooks of `module.register` would need a thread of their own in every process.)
import Module, { createRequire } from 'node:module';
import { join, sep } from 'node:path';

const NAME = 'better-sqlite3';
const ENTRY = join('node_modules', NAME, 'lib', 'index.js');

export function hookSqlite() {
  const home = join(process.resourcesPath, 'runtime-modules');
  const require = createRequire(join(home, 'index.cjs'));
  const load = Module._extensions['.js'];
  Module._extensions['.js'] = (module, filename) => {
    if (filename.endsWith(sep + ENTRY) && !filename.startsWith(home + sep)) module.exports = require(NAME);
    else load(module, filename);
  };
}
