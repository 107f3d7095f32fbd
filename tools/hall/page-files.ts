/** The files of the bench page: a closed list, so that no path of a request ever reaches the disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const JS = 'text/javascript; charset=utf-8';

const APP = join(import.meta.dirname, '../..');
const PAGE = join(import.meta.dirname, 'page');
/** The kiosk's own Chinese font, because the machine in front of which somebody sits may have none. */
const FONT = join(APP, 'node_modules/@fontsource-variable/noto-sans-sc');

const FILES: readonly (readonly [path: string, file: string, type: string])[] = [
  ['/', join(PAGE, 'bench.html'), HTML],
  ['/bench.css', join(PAGE, 'bench.css'), CSS],
  ...['bench', 'book', 'links', 'live-screen', 'phrases'].map(
    (name) => [`/${name}.js`, join(PAGE, `${name}.js`), JS] as const,
  ),
  ['/icon.svg', join(APP, 'assets/icons/emblem.svg'), 'image/svg+xml'],
  ['/font/index.css', join(FONT, 'index.css'), CSS],
  ...readdirSync(join(FONT, 'files'))
    .filter((name) => name.endsWith('.woff2'))
    .map((name) => [`/font/files/${name}`, join(FONT, 'files', name), 'font/woff2'] as const),
];

/** Read at each request: whoever works on the page wants to see the change. */
export function routePageFiles(app: FastifyInstance): void {
  for (const [path, file, type] of FILES)
    app.get(path, (_request, reply) => reply.type(type).send(readFileSync(file)));
}
