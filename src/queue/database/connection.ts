import type { Socket } from 'node:net';

/** What a client of either engine is opened with. */
export interface OpenParts {
  /** Not yet connected. Who made it may destroy it at any time, which ends everything above it. */
  readonly socket: Socket;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Encrypted and checked, by this authority or by those of the system; `off` is plain. */
  readonly tls: { readonly ca: string | undefined } | 'off';
  /** It ended by itself or by the other side. May be told more than once. */
  readonly onLost: (error: Error) => void;
}

/** One connection to a database, for one question at a time. */
export interface ViewConnection {
  /** Rows as objects, values as the server's text or null. */
  query(sql: string, params?: readonly string[]): Promise<readonly unknown[]>;
  /** Says goodbye. */
  close(): Promise<void>;
}

export type OpenView = (parts: OpenParts) => Promise<ViewConnection>;

/**
 * Throws when nobody wants it any more. To be asked when the client is loaded: a destroyed socket that is told to connect
 * does so, and would stay open with nobody to close it.
 */
export function mustBeWanted({ socket }: Pick<OpenParts, 'socket'>): void {
  if (socket.destroyed) throw new Error('given up before it began');
}
