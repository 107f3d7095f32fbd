import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority and a certificate it signed for 127.0.0.1, made by the openssl command line at run time. */
export function createCertificates() {
  const folder = mkdtempSync(join(tmpdir(), 'queue-tls-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const newKey = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);

  const authority = (name: string) => {
    newKey(name);
    openssl(
      'req',
      '-x509',
      '-key',
      `${name}.key`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
      '-out',
      `${name}.pem`,
    );
    return file(`${name}.pem`);
  };
  const serverFor = (subjectAltName: string, by: string) => {
    newKey('server');
    openssl('req', '-new', '-key', 'server.key', '-subj', '/CN=queue', '-out', 'server.csr');
    writeFileSync(file('san.cnf'), `subjectAltName=${subjectAltName}\n`);
    openssl(
      ...['x509', '-req', '-in', 'server.csr', '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'],
      ...['-days', '2', '-extfile', 'san.cnf', '-out', 'server.pem'],
    );
    return { key: readFileSync(file('server.key'), 'utf8'), cert: readFileSync(file('server.pem'), 'utf8') };
  };
  return { authority, serverFor, file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
