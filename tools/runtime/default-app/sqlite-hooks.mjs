// Lets the name `better-sqlite3` mean the copy that was built for exactly this Electron, both for `require`
// and for `import`. The copy the app brings needs a newer Node-API and would end the process without a word.
import Module, { createRequire, register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const NAME = 'better-sqlite3';

/** Entry file of the runtime's own copy. Looked up once, before `require` itself is changed. */
const file = createRequire(join(process.resourcesPath, 'runtime-modules', 'index.cjs')).resolve(NAME);

/** Installs the hook for `require`. Costs nothing. */
export function hookRequire() {
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function resolve(request, ...rest) {
    return request === NAME ? file : resolveFilename.call(this, request, ...rest);
  };
}

/** Installs the hook for `import`; it lives in a thread of its own. */
export function hookImport() {
  register('./sqlite-import-hook.mjs', import.meta.url, {
    data: { name: NAME, url: pathToFileURL(file).href },
  });
}
