// Stands in front of every utility process: installs the hooks, then becomes the module that was asked for.
import { pathToFileURL } from 'node:url';
import { hookSqlite } from './sqlite-hooks.mjs';

const MODULE = 'ELECTRON_RUNTIME_UTILITY_MODULE';
const file = process.env[MODULE];
delete process.env[MODULE];

hookSqlite();
process.argv[1] = file;
await import(pathToFileURL(file).href);
