/** The folder in which the hall keeps everything, recognised by a marker of ours, used by one hall at a time. */
import { randomBytes } from 'node:crypto';
import { chmod, lchown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolderForKiosk, type OrdinaryUser, Trouble } from '../runtime/runtime.ts';
import { seeProcess } from './process-tree.ts';

const MARKER = 'yiping-hall.json';
const OWNER = 'hall.pid';

const MarkerSchema = z.object({ kind: z.literal('yiping-hall'), deviceId: z.string().min(3) });

export interface DataFolder {
  readonly path: string;
  /** Made once a folder, so that a new journal with a new key is a new device to any province. */
  readonly deviceId: string;
  readonly isNew: boolean;
  /** Only of the kiosk's user. */
  readonly kiosk: string;
  readonly province: string;
  /** Ends of the button box's cable. */
  readonly line: string;
  /** What the screen in memory needs. */
  readonly screen: string;
  readonly logs: string;
  release(): Promise<void>;
}

/**
 * Makes or takes up the folder. With `fresh` it is removed first, but only when it is one of ours.
 * Throws `Trouble` when it is somebody else's folder or another hall uses it.
 */
export async function openDataFolder(parts: {
  readonly path: string;
  readonly fresh: boolean;
  /** Whom the kiosk runs as when that is not us. */
  readonly user: OrdinaryUser | undefined;
}): Promise<DataFolder> {
  const { path, user } = parts;
  await refuseForeign(path);
  await refuseShared(path);
  if (parts.fresh) await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  // Others may pass through on their way to what is theirs; below, each part has its own rights.
  await chmod(path, 0o755);
  await writeFile(join(path, OWNER), JSON.stringify(seeProcess(process.pid)));

  const known = await readMarker(path);
  const marker = known ?? {
    kind: 'yiping-hall' as const,
    deviceId: `yunxi-03-${randomBytes(3).toString('hex')}`,
  };
  if (!known) await writeWhole(join(path, MARKER), `${JSON.stringify(marker)}\n`);

  const folder = {
    path,
    deviceId: marker.deviceId,
    isNew: known === undefined,
    kiosk: join(path, 'kiosk'),
    province: join(path, 'province'),
    line: join(path, 'line'),
    screen: join(path, 'screen'),
    logs: join(path, 'logs'),
    release: () => rm(join(path, OWNER), { force: true }),
  };
  for (const own of [folder.province, folder.screen, folder.logs])
    await mkdir(own, { recursive: true, mode: 0o700 });
  await mkdir(folder.line, { recursive: true });
  await makeFolderForKiosk(folder.kiosk, user);
  await chmod(folder.kiosk, 0o700);
  if (user) await giveTo(user, folder.kiosk);
  return folder;
}

/** A file is whole or not there; a link in its place is replaced and not followed. */
export async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  const passing = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(passing, text, { flag: 'wx', mode });
  await rename(passing, file);
}

async function refuseForeign(path: string): Promise<void> {
  const names = await readdir(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new Trouble(`The data folder ${path} cannot be read: ${String(error)}. Name another with --data.`);
  });
  if (names.length === 0 || (await readMarker(path))) return;
  throw new Trouble(
    `${path} holds files that are not from a hall bench (no ${MARKER}), so nothing in it is touched. Name another folder with --data, or empty this one yourself.`,
  );
}

async function readMarker(path: string): Promise<z.output<typeof MarkerSchema> | undefined> {
  try {
    return MarkerSchema.parse(JSON.parse(await readFile(join(path, MARKER), 'utf8')));
  } catch {
    return undefined;
  }
}

async function refuseShared(path: string): Promise<void> {
  const owner = await readOwner(path);
  if (!owner || owner.pid === process.pid) return;
  if (seeProcess(owner.pid)?.startTicks !== owner.startTicks) return;
  throw new Trouble(
    `Another hall bench (process ${owner.pid}) uses ${path}. End it, or name another folder with --data.`,
  );
}

async function readOwner(path: string): Promise<{ pid: number; startTicks: string } | undefined> {
  try {
    const text = await readFile(join(path, OWNER), 'utf8');
    return z.object({ pid: z.int(), startTicks: z.string() }).parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** After a start with another user behind the kiosk; links are given, never followed. */
async function giveTo(user: OrdinaryUser, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { uid } = await lstat(path);
    if (uid !== user.uid) await lchown(path, user.uid, user.gid);
  }
}
