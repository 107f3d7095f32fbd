import { createSecureContext } from 'node:tls';
import { readCa } from '../ca-file.ts';
import { readSecretFile } from '../secret-file.ts';
import type { MqttFault } from './reasons.ts';
import type { MqttSettings } from './settings.ts';

/** What TLS needs of the site's files, as texts. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Read at each connecting. @returns why they are of no use. */
export function readTlsFiles({ caFile, certFile, keyFile }: MqttSettings): TlsFiles | MqttFault {
  const ca = readCa(caFile);
  if (ca === 'caFile') return ca;
  const own = certFile === undefined || keyFile === undefined ? {} : readPair(certFile, keyFile);
  return own === undefined ? 'certificateFile' : { ...own, ...(ca === undefined ? {} : { ca }) };
}

function readPair(certFile: string, keyFile: string): TlsFiles | undefined {
  const cert = readCa(certFile);
  const key = readSecretFile(keyFile);
  if (cert === undefined || cert === 'caFile' || 'fault' in key) return undefined;
  try {
    createSecureContext({ cert, key: key.secret });
    return { cert, key: key.secret };
  } catch {
    return undefined;
  }
}

/** The broker wants a certificate of ours, or another one; TLS 1.3 says so only after the handshake. */
export function isCertificateAlert(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|DECRYPT_ERROR)/.test(code);
}
