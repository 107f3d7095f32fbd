import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SimPairing, startSimPairing } from '../../../tools/queue-sim/pairing.ts';
import { COUNTER, type Hall } from './kiosk-app.ts';

export const SYSTEM = '云溪市政务服务中心叫号系统';

/** A queue system's own certificate, as a box in a hall makes it for itself. */
function ownCertificate() {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-pairing-'));
  try {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ...['-subj', '/CN=queue', '-keyout', 'key.pem', '-out', 'cert.pem'],
      ],
      { cwd: folder, stdio: 'pipe' },
    );
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    return { key: read('key.pem'), cert: read('cert.pem') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The queue system of the hall, offering pairing. */
export async function queueSide(
  { sim }: Hall,
  announce?: { readonly interface: string; readonly port: number },
): Promise<SimPairing> {
  return await startSimPairing({
    sim,
    counters: [COUNTER, '4'],
    system: SYSTEM,
    tls: ownCertificate(),
    ...(announce ? { announce } : {}),
  });
}
