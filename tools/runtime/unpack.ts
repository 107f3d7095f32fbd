/** From a verified package file to files on disk: gzip'd tar → one zip → the wanted entries. All of it streams. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Report } from './progress.ts';
import { Trouble } from './trouble.ts';

async function integrityOf(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return `sha512-${hash.digest('base64')}`;
}

/** Has `tar` write one member to a file; what it complained about, or nothing. */
async function untar(archive: string, member: string, target: string): Promise<string> {
  const args = ['--extract', '--gzip', '--to-stdout', `--file=${archive}`, member];
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  tar.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-1000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', (error) => reject(new Trouble(`Cannot start tar: ${error.message}.`)));
    tar.once('close', resolve);
  });
  const [code] = await Promise.all([ended, pipeline(tar.stdout, createWriteStream(target))]);
  return code === 0 ? '' : `tar ended with ${code}. ${complaint.trim()}`;
}

/**
 * Writes one member of a `.tgz` to `target` and, at the same time, verifies the whole archive against
 * `integrity`. When this returns, the archive was the pinned one to its last byte.
 */
export async function extractMember(
  archive: { readonly file: string; readonly integrity: string },
  member: string,
  target: string,
): Promise<void> {
  const [found, complaint] = await Promise.all([
    integrityOf(archive.file),
    untar(archive.file, member, target),
  ]);
  if (complaint === '' && found === archive.integrity) return;
  throw new Trouble(
    `The package file is damaged or not the one that was expected (${found}). ${complaint}\nIt was not used; start again to fetch it anew.`,
  );
}

/** Where an entry of the zip goes below the target folder; undefined = not wanted. */
export type Select = (entryName: string) => string | undefined;

const MODE_SHIFT = 16;
const FILE_TYPE_MASK = 0o170_000;
const SYMLINK_TYPE = 0o120_000;

/** Unpacks the selected entries; what was a program stays one. */
export async function extractZip(zip: string, target: string, select: Select, report: Report): Promise<void> {
  const { openPromise } = await import('yauzl');
  const archive = await openPromise(zip);
  let done = 0;
  try {
    for await (const entry of archive.eachEntry()) {
      done += entry.compressedSize;
      report(done, archive.fileSize);
      const place = entry.fileName.endsWith('/') ? undefined : select(entry.fileName);
      if (place === undefined) continue;
      const mode = entry.externalFileAttributes >>> MODE_SHIFT;
      const file = join(target, place);
      if (!file.startsWith(target + sep))
        throw new Trouble(`${zip} holds an entry outside its folder: ${place}`);
      if ((mode & FILE_TYPE_MASK) === SYMLINK_TYPE)
        throw new Trouble(`${zip} holds an unexpected link: ${place}`);
      await mkdir(dirname(file), { recursive: true });
      const isProgram = (mode & 0o111) !== 0;
      await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(file));
      await chmod(file, isProgram ? 0o755 : 0o644);
    }
    report(archive.fileSize, archive.fileSize);
  } finally {
    archive.close();
  }
}
