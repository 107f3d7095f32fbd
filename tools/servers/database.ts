import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseServer } from '../queue-sim/wires/database-server.ts';
import { createCertificates } from './certificates.ts';
import { startMariadb } from './mariadb.ts';
import { serverUser, startPostgres } from './postgres.ts';

/** A real server on 127.0.0.1 with passwords, and with TLS by an authority of its own. */
export interface RealServer {
  readonly server: DatabaseServer;
  /** The authority behind its certificate, and one that is not. */
  readonly caFile: string;
  readonly otherCaFile: string;
  stop(): Promise<void>;
}

/** @param certificateFor what the certificate is made out to: `IP:127.0.0.1`; without it the server has no TLS. */
export async function startRealServer(
  engine: DatabaseServer['engine'],
  certificateFor?: string,
): Promise<RealServer> {
  const certificates = createCertificates();
  const caFile = certificates.authority('right');
  const otherCaFile = certificates.authority('wrong');
  // Keys must belong to the server's user, in a folder that it may enter.
  const owner = serverUser(engine === 'postgresql' ? ['postgres', 'nobody'] : ['mysql', 'nobody']);
  const folder = mkdtempSync(join(tmpdir(), 'queue-db-'));
  const put = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(path, owner.uid, owner.gid);
    return path;
  };
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
  const pair = certificateFor === undefined ? undefined : certificates.serverFor(certificateFor, 'right');
  const files = pair && { key: put('server.key', pair.key), cert: put('server.pem', pair.cert) };
  const clear = () => {
    certificates.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  const started = await onFreePort(async (port) => {
    if (engine === 'mariadb') {
      const one = await startMariadb(
        port,
        files ? { 'ssl-cert': files.cert, 'ssl-key': files.key } : { 'skip-ssl': '1' },
      );
      return { superuser: { socket: one.socketPath, user: 'root' }, port, stop: one.stop };
    }
    const one = await startPostgres({
      listen_addresses: '127.0.0.1',
      port: String(port),
      fsync: 'off',
      hba_file: put('hba.conf', 'local all yiping trust\nhost all all 127.0.0.1/32 scram-sha-256\n'),
      ...(files ? { ssl: 'on', ssl_cert_file: files.cert, ssl_key_file: files.key } : {}),
    });
    const socket = new URLSearchParams(one.url.split('?')[1]).get('host') ?? '';
    return { superuser: { socket, user: 'yiping' }, port, stop: one.stop };
  }).catch((error: unknown) => {
    clear();
    throw error;
  });
  return {
    server: { engine, host: '127.0.0.1', port: started.port, superuser: started.superuser },
    caFile,
    otherCaFile,
    async stop() {
      await started.stop();
      clear();
    },
  };
}

/** Neither server can be asked for "any free port". One is looked for; whoever takes it first wins, so more than once. */
async function onFreePort<Result>(start: (port: number) => Promise<Result>): Promise<Result> {
  for (let tries = 3; ; tries -= 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tries === 1) throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
