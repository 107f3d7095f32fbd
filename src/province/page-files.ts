import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/** Pages need nothing but their own style and script, may not be framed, and are not kept. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

const ASSETS = {
  'live.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'receipt.css': 'text/css; charset=utf-8',
} as const;

export function readPage(name: string): string {
  return readFileSync(new URL(`./pages/${name}`, import.meta.url), 'utf8');
}

/** `GET /pages/…`: a closed list, read once; no path of a request ever reaches the disk. */
export function routePageFiles(app: FastifyInstance): void {
  for (const [name, type] of Object.entries(ASSETS)) {
    const text = readPage(name);
    app.get(`/pages/${name}`, (_request, reply) => reply.headers(PAGE_HEADERS).type(type).send(text));
  }
}
