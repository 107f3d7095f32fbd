import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Two pseudo terminals joined by socat: a serial cable without hardware. While it is plugged, two symbolic links
 * lead to its ends; pulled, they are gone, as a device node is.
 */
export interface PtyPair {
  /** The end the kiosk opens. */
  readonly hostPath: string;
  /** The end the box speaks on. */
  readonly boxPath: string;
  /** Resolves when both ends exist. */
  plug(): Promise<void>;
  /** Resolves when the cable is gone. */
  pull(): Promise<void>;
  readonly plugged: boolean;
}

const PLUG_LIMIT_MS = 5_000;
const HOST_LINK = 'evaluator';
const BOX_LINK = 'evaluator-box-end';

/** @param parts `folder` is made if need be; the links live in it. */
export function createPtyPair(parts: { readonly folder: string }): PtyPair {
  const { folder } = parts;
  const hostPath = join(folder, HOST_LINK);
  const boxPath = join(folder, BOX_LINK);
  let socat: ChildProcess | undefined;
  const endWithUs = () => socat?.kill('SIGKILL');

  return {
    hostPath,
    boxPath,
    get plugged() {
      return socat !== undefined;
    },
    async plug() {
      if (socat) return;
      await mkdir(folder, { recursive: true });
      await Promise.all([rm(hostPath, { force: true }), rm(boxPath, { force: true })]);
      const child = startSocat(folder);
      socat = child;
      process.on('exit', endWithUs);
      child.once('exit', () => {
        process.off('exit', endWithUs);
        if (socat === child) socat = undefined;
      });
      await untilJoined(child);
    },
    async pull() {
      const child = socat;
      socat = undefined;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * Links are named relative to the folder, because socat reads `,` and `:` in a path as its own syntax.
 * `setpriv --pdeathsig` lets the kernel end socat when this process dies, however it dies.
 */
function startSocat(folder: string): ChildProcess {
  const end = (link: string) => `pty,raw,echo=0,link=${link}`;
  return spawn('setpriv', ['--pdeathsig', 'TERM', 'socat', '-d', '-d', end(HOST_LINK), end(BOX_LINK)], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ctrl-C at our terminal is for us; whoever is at the kiosk's end is to close first.
    detached: true,
  });
}

function untilJoined(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const limit = setTimeout(() => fail('it did not join the two ends in time'), PLUG_LIMIT_MS);
    const fail = (what: string) => {
      clearTimeout(limit);
      child.kill('SIGKILL');
      reject(
        new Error(`the simulated cable could not be plugged: ${what}. Needed: socat, setpriv.\n${said}`),
      );
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`socat ended (${signal ?? code})`));
    child.stderr?.on('data', (text: Buffer) => {
      if (said.length < 4_000) said += text.toString();
      if (!said.includes('starting data transfer loop')) return;
      clearTimeout(limit);
      child.removeAllListeners('error').on('error', () => {});
      resolve();
    });
  });
}
