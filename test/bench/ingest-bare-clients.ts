/**
 * UNDER-WAY URL FILE DEVICE [FILE DEVICE …]: the same entries as ./ingest-clients.ts to the other end of the bare loop: rows
 * as JSON, 500 at a time, gzip 6, packed before the clock starts. No signature, no chain.
 */
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { Pool } from 'undici';
import { inOrder } from './under-way.ts';

const BATCH = 500;
const [underWay = '', url = '', ...pairs] = process.argv.slice(2);

function prepare(file: string, device: string) {
  const db = new Database(file, { readonly: true });
  const page = db.prepare<[number], { seq: number; sig: Buffer | null }>(
    `SELECT seq, id, kind, at, boot, mono, body, hex(hash) AS hash, sig FROM journal WHERE seq > ? ORDER BY seq LIMIT ${BATCH}`,
  );
  const bodies: Buffer[] = [];
  for (let read = 0; ; ) {
    const rows = page.all(read);
    const last = rows.at(-1);
    if (!last) break;
    read = last.seq;
    bodies.push(
      gzipSync(JSON.stringify(rows.map((row) => ({ ...row, sig: row.sig?.toString('base64') ?? null }))), {
        level: 6,
      }),
    );
  }
  db.close();
  return { path: `/bare/${device}`, bodies };
}

const devices: ReturnType<typeof prepare>[] = [];
for (let at = 0; at < pairs.length; at += 2) devices.push(prepare(pairs[at] ?? '', pairs[at + 1] ?? ''));
const pool = new Pool(url, { connections: devices.length * Number(underWay), pipelining: 1 });
const waits: number[] = [];

async function taken(path: string, body: Buffer): Promise<boolean> {
  const sentAt = performance.now();
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const reply = await pool.request({ method: 'POST', path, headers, body });
  const text = await reply.body.text();
  if (reply.statusCode !== 200) throw new Error(text);
  waits.push(performance.now() - sentAt);
  return true;
}

const startedAt = performance.now();
await Promise.all(
  devices.map(({ path, bodies }) => inOrder(bodies, Number(underWay), (body) => taken(path, body))),
);
console.log(JSON.stringify({ ms: performance.now() - startedAt, waits }));
await pool.close();
