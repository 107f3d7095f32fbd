import { readFileSync } from 'node:fs';

/** The only authorities to be trusted, as PEM; undefined where those of the system are. */
export function readCa(caFile: string | undefined): string | undefined | 'caFile' {
  if (caFile === undefined) return undefined;
  try {
    const pem = readFileSync(caFile, 'utf8');
    return pem.includes('-----BEGIN CERTIFICATE-----') ? pem : 'caFile';
  } catch {
    return 'caFile';
  }
}
