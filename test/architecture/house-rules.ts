/**
 * docs/architecture.md's table of rooms, as data. `our` are rooms a room may import, `packages` what else; a
 * message says what to do instead, because whoever meets it is about to build something and wants to know how.
 */
export interface Room {
  readonly our: readonly string[];
  /** Packages, `node:` for Node's own modules. */
  readonly packages: readonly string[];
  /** Only `import type` from these rooms, which leaves nothing at run time. */
  readonly typesOnlyFrom?: readonly string[];
  readonly instead: string;
}

const NODE = 'node:';

export const ROOMS: Readonly<Record<string, Room>> = {
  shared: {
    our: [],
    packages: ['zod', 'canonicalize', 'sm-crypto-v2', '@hpke/core', '@hpke/dhkem-x25519', 'node:crypto'],
    instead:
      'shared holds only words and pure functions that both sides of a boundary need. If it needs a part, the room that owns the part should pass it in.',
  },
  queue: {
    our: ['shared'],
    packages: ['zod', 'ws', 'mqtt', 'pg', 'mysql2', 'dns-packet', NODE],
    instead:
      'A queue link only turns foreign messages into QueueEvents. Tell the session by onEvent; core connects the two.',
  },
  device: {
    our: ['shared'],
    packages: ['zod', 'crc', 'jsonc-parser', 'serialport', 'node-hid', NODE],
    instead: 'A device only turns bytes into Presses. Tell the session by onPress; core connects the two.',
  },
  session: {
    our: ['shared'],
    packages: [],
    instead:
      'The session decides and touches nothing. Declare the narrow interface you need in session/kiosk.ts and let core pass the real part in.',
  },
  store: {
    our: ['shared'],
    packages: ['zod', 'better-sqlite3', NODE],
    instead:
      'The store freezes what it is given. Who needs something of it declares an interface and gets the store from core.',
  },
  sync: {
    our: ['shared'],
    packages: ['zod', 'undici', NODE],
    instead:
      'Sync sees the store through the interface it declares itself (OutboxStore); core passes the store in.',
  },
  core: {
    our: ['shared', 'queue', 'device', 'session', 'store', 'sync'],
    packages: ['zod', 'pino', 'rotating-file-stream', 'qrcode', 'uuid', NODE],
    instead:
      'core must also run in plain Node. What needs electron belongs to main, which hands core a port.',
  },
  main: {
    our: ['shared'],
    packages: ['electron', NODE],
    instead:
      'main is the shell: it starts core as a process and speaks to it by messages. It loads no native module and no other room.',
  },
  preload: {
    our: ['shared'],
    packages: ['electron'],
    typesOnlyFrom: ['shared'],
    instead:
      'A preload is sandboxed: no node:, and only types of shared (zod stays outside). Add a verb to the contract instead.',
  },
  renderer: {
    our: ['shared'],
    packages: ['preact', '@preact/signals', '@fontsource-variable/noto-sans-sc', 'qr'],
    typesOnlyFrom: ['shared'],
    instead:
      'A page is a function of a snapshot: no node:, no electron, no other room, and only types of shared (zod stays outside). What it needs to know belongs into the snapshot, what it can do into the contract.',
  },
  province: {
    our: ['shared'],
    packages: [
      'zod',
      'fastify',
      'pg',
      '@electric-sql/pglite',
      'tinypool',
      'sm-crypto-v2',
      '@hpke/core',
      '@hpke/dhkem-x25519',
      NODE,
    ],
    instead:
      'The province is another house: it knows the protocol in shared/protocol and nothing of the kiosk’s rooms.',
  },
};

export const MAX_LINES = 400;
