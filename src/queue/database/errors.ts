import { faultOfError } from '../reasons.ts';
import type { DatabaseFault } from './reasons.ts';

/** SQLSTATE of PostgreSQL, error number of MariaDB and MySQL. Codes alone: texts are in the server's language. */
const BY_CODE: Readonly<Record<string, DatabaseFault>> = {
  '28P01': 'wrongPassword',
  '28000': 'wrongPassword',
  '3D000': 'noDatabase',
  '42P01': 'noView',
  '3F000': 'noView',
  '42501': 'viewDenied',
  '42703': 'noColumn',
  '42883': 'timeColumn',
  '42804': 'timeColumn',
  '22007': 'timeColumn',
  '22008': 'timeColumn',
  '22P02': 'counterColumn',
  '22003': 'counterColumn',
  '57014': 'slowQuery',
  '55P03': 'slowQuery',
  '53300': 'tooManyConnections',
  '57P01': 'closed',
  '57P02': 'closed',
  '57P03': 'closed',
};

const BY_NUMBER: Readonly<Record<number, DatabaseFault>> = {
  1045: 'wrongPassword',
  1698: 'wrongPassword',
  1130: 'wrongPassword',
  1820: 'wrongPassword',
  1251: 'wrongPassword',
  1044: 'noDatabase',
  1049: 'noDatabase',
  1146: 'noView',
  1356: 'noView',
  1142: 'viewDenied',
  1054: 'noColumn',
  1143: 'columnDenied',
  1969: 'slowQuery',
  1205: 'slowQuery',
  3024: 'slowQuery',
  1040: 'tooManyConnections',
  1203: 'tooManyConnections',
  1226: 'tooManyConnections',
  1053: 'closed',
  1079: 'closed',
  1927: 'closed',
};

/** The MariaDB client writes its own code over that of a failed TLS handshake; OpenSSL's words are what is left. */
const BY_TLS_WORDS: readonly (readonly [RegExp, DatabaseFault])[] = [
  [/altnames|does not match/i, 'tlsName'],
  [/not yet valid/i, 'tlsNotYet'],
  [/expired/i, 'tlsExpired'],
  [/self.signed|issuer|unable to (?:get|verify)|untrusted|certificate signature/i, 'tlsUntrusted'],
];

/** The fault behind whatever a database client threw. */
export function faultOfDatabaseError(thrown: unknown): DatabaseFault {
  if (!(thrown instanceof Error)) return 'protocol';
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const number = 'errno' in thrown && typeof thrown.errno === 'number' ? thrown.errno : 0;
  const said = BY_CODE[code] ?? BY_NUMBER[number];
  if (said) return said;
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT' || /does not support SSL/.test(thrown.message)) return 'tlsMissing';
  if (code === 'HANDSHAKE_SSL_ERROR') {
    return BY_TLS_WORDS.find(([words]) => words.test(thrown.message))?.[1] ?? 'tlsFailed';
  }
  if (/establishing an SSL connection/.test(thrown.message)) return 'handshake';
  if (code.startsWith('ER_') || /^(?=.*\d)[0-9A-Z]{5}$/.test(code)) return 'queryRefused';
  if (code === 'PROTOCOL_CONNECTION_LOST') return 'closed';
  if (/^(?:PROTOCOL_|PACKETS_OUT_OF_ORDER|MALFORMED|HANDSHAKE_)/.test(code)) return 'handshake';
  return faultOfError(thrown);
}
