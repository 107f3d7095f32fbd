// What Electron runs when it is given an app folder instead of being packed with one. It does what the
// default app of the official distribution does, and makes native modules of this older runtime findable.
// Electron holds back `ready` until the app's main module has run, so this awaits it.
import { existsSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { app, dialog, utilityProcess } from 'electron';
import { readArguments } from './arguments.mjs';
import { hookSqlite } from './sqlite-hooks.mjs';

function wrapUtilityProcess() {
  const boot = fileURLToPath(new URL('./utility-boot.mjs', import.meta.url));
  const fork = utilityProcess.fork.bind(utilityProcess);
  utilityProcess.fork = (modulePath, args, options) => {
    const listed = Array.isArray(args) ? args : [];
    const given = (Array.isArray(args) ? options : args) ?? {};
    const env = { ...(given.env ?? process.env), ELECTRON_RUNTIME_UTILITY_MODULE: resolve(modulePath) };
    return fork(boot, listed, { ...given, env });
  };
}

function readPackage(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

async function runApp(given) {
  Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
  const folder = resolve(given);
  const json = readPackage(folder);
  if (json?.version) app.setVersion(json.version);
  const name = json?.productName ?? json?.name;
  if (name) app.name = name;
  if (json) app.setDesktopName(json.desktopName ?? `${app.name}.desktop`);
  const file = createRequire(join(folder, 'index.js')).resolve(folder);
  app.setAppPath(json ? folder : dirname(file));
  await import(pathToFileURL(file).href);
}

const options = readArguments(process.argv.slice(1));
if (options.version) {
  console.log(`v${process.versions.electron}`);
  process.exit(0);
}
hookSqlite();
wrapUtilityProcess();
if (options.preload.length > 0) Module._preloadModules(options.preload);
if (options.app === undefined) {
  console.error('This Electron runs an app folder: electron [options] <folder>');
  process.exit(1);
}
try {
  await runApp(options.app);
} catch (error) {
  console.error(`Electron could not start the app ${resolve(options.app)}:`);
  console.error(error);
  if (process.platform !== 'linux') dialog.showErrorBox('Error launching app', String(error));
  process.exit(1);
}
