/** The other end of the bare loop: DATABASE_URL's table `ledger`, the province's own, by one statement a batch. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import fastify from 'fastify';
import pg from 'pg';
import { migrate } from '../../src/province/db/migrate.ts';
import { openPostgres } from '../../src/province/db/pg.ts';

type Row = Readonly<Record<string, string | number | null>>;

const url = process.env['DATABASE_URL'] ?? '';
const schema = openPostgres({ url, maxConnections: 1, onIdleError: () => {} });
await migrate(schema);
await schema.close();
const pool = new pg.Pool({ connectionString: url, max: 4 });
const gunzipped = promisify(gunzip);
const app = fastify({ bodyLimit: 16 * 1024 * 1024 });
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
  JSON.parse((await gunzipped(body)).toString('utf8')),
);
app.post<{ Params: { id: string }; Body: readonly Row[] }>('/bare/:id', async (request) => {
  const rows = request.body;
  const column = (name: string) => rows.map((row) => row[name]);
  const result = await pool.query({
    name: 'bare',
    text: `INSERT INTO ledger (device_id, received_at_ms, seq, id, kind, at_ms, boot, mono_ms, body, hash, sig)
           SELECT $1, $2, seq, id, kind, at, boot, mono, body, decode(hash, 'hex'), sig
           FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], $9::text[], $10::text[], $11::text[])
             AS e (seq, id, kind, at, boot, mono, body, hash, sig)
           ON CONFLICT DO NOTHING`,
    values: [
      request.params.id,
      Date.now(),
      ...['seq', 'id', 'kind', 'at', 'boot', 'mono', 'body', 'hash', 'sig'].map(column),
    ],
  });
  return { ok: true, inserted: result.rowCount };
});
console.log(await app.listen({ port: 0, host: '127.0.0.1' }));
process.once('SIGTERM', () => {
  app.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
