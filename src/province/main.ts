import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { systemClock } from '../shared/clock.ts';
import { type Db, isPassing } from './db/db.ts';
import { openPostgres } from './db/pg.ts';
import { openPglite } from './db/pglite.ts';
import { createLineLog, type ProvinceLog } from './log.ts';
import { createProvince } from './server.ts';

const USAGE = `node src/province/main.ts [--port 8080] [--host 127.0.0.1] [--data FOLDER]

  DATABASE_URL          PostgreSQL; without it the embedded database in FOLDER, or in memory
  YIPING_ADMIN_TOKEN    the administrator's token; without it FOLDER/admin-token is used or made`;

function readFlags(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '8080' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port ${values.port} is no port. Give a number from 0 to 65535; 0 picks a free one.`);
  return { port, host: values.host, folder: values.data, help: values.help };
}

async function openDb(folder: string | undefined, log: ProvinceLog): Promise<Db> {
  const url = process.env['DATABASE_URL'];
  if (!url) return await openPglite(folder === undefined ? undefined : { folder, clock: systemClock });
  return openPostgres({
    url,
    maxConnections: 8,
    onIdleError: (error) => log.warn({ problem: error.message }, 'an idle database connection ended'),
  });
}

/** The token given, else the one kept in the data folder, made on first use and readable by its owner only. */
async function adminToken(folder: string | undefined): Promise<{ token: string; from: string }> {
  const given = process.env['YIPING_ADMIN_TOKEN'];
  if (given) return { token: given, from: 'YIPING_ADMIN_TOKEN' };
  const made = randomBytes(24).toString('base64url');
  if (folder === undefined)
    return { token: made, from: 'made for this run: set YIPING_ADMIN_TOKEN to use it' };
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'admin-token');
  try {
    await writeFile(file, `${made}\n`, { mode: 0o600, flag: 'wx' });
    return { token: made, from: file };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return { token: (await readFile(file, 'utf8')).trim(), from: file };
  }
}

async function run(): Promise<void> {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const log = createLineLog((line) => process.stderr.write(line));
  const db = await openDb(flags.folder, log);
  const { token, from } = await adminToken(flags.folder);
  const province = createProvince({
    db,
    adminToken: token,
    clock: systemClock,
    log,
    limits: { readingThreadsKept: 1 },
  });
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await province.stop();
    await db.close();
    process.exit(0);
  };
  const stopped = () => {
    stop().catch((error: unknown) => {
      log.error({ problem: String(error) }, 'the province did not stop cleanly');
      process.exit(1);
    });
  };
  process.once('SIGINT', stopped);
  process.once('SIGTERM', stopped);
  const url = await province.start({ host: flags.host, port: flags.port });
  process.stdout.write(`province ready at ${url} (${db.kind}; administrator token: ${from})\n`);
}

run().catch((error: unknown) => {
  const what = error instanceof Error ? error.message : String(error);
  const remedy =
    process.env['DATABASE_URL'] && isPassing(error)
      ? ' The database named by DATABASE_URL cannot be used: check its address and that it runs.'
      : '';
  process.stderr.write(`The province did not start: ${what.replace(/\.$/, '')}.${remedy}\n`);
  process.exitCode = 1;
  // A pool or a listening socket may keep the process; it has nothing left to do.
  setImmediate(() => process.exit(1));
});
