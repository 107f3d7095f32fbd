import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CORE_V8_FLAGS } from '../../src/shared/screen/shell.ts';
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';

const root = join(fileURLToPath(import.meta.url), '../../..');

export interface HeadlessKiosk {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Latest first screen; null before the first. */
  snapshot(): Snapshot | null;
  /** Everything it has said on stderr. */
  log(): string;
  /** Resolves with the snapshot for which `met` holds; rejects after `limitMs` with the last one seen. */
  until(what: string, met: (snapshot: Snapshot) => boolean, limitMs?: number): Promise<Snapshot>;
  untilLog(pattern: RegExp, limitMs?: number): Promise<void>;
  call(verb: string, request: unknown): Promise<unknown>;
  /** SIGTERM, and waits for the end. @returns the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL of the whole process, and with `group` of all that it started. */
  kill(): Promise<void>;
}

/** The real core in plain Node, its screen being this test. */
export function startHeadless(parts: {
  readonly config: string;
  readonly data: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly prefix?: readonly string[];
  /** In a process group of its own, which is killed as a whole. */
  readonly group?: boolean;
  /** Called with every screen, in order: what somebody in front of it would have seen. */
  readonly onSnapshot?: (snapshot: Snapshot) => void;
}): HeadlessKiosk {
  const [program = process.execPath, ...before] = [...(parts.prefix ?? []), process.execPath];
  const child = spawn(
    program,
    [
      ...before,
      ...CORE_V8_FLAGS,
      join(root, 'src/core/headless.ts'),
      `--config=${parts.config}`,
      `--data=${parts.data}`,
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...parts.env },
      detached: parts.group ?? false,
    },
  );
  let latest: Snapshot | null = null;
  let log = '';
  let nextId = 0;
  const replies = new Map<number, (reply: unknown) => void>();
  const watchers = new Set<() => void>();
  const changed = () => {
    for (const watcher of watchers) watcher();
  };

  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = frameOf(line);
    if (!message) return;
    if (message.type === 'push') {
      latest = message.body;
      parts.onSnapshot?.(message.body);
    }
    if (message.type === 'reply') replies.get(message.id)?.(message.reply);
    if (message.type === 'refused') replies.get(message.id)?.({ refused: message.error });
    changed();
  });
  child.stderr.on('data', (chunk) => {
    log += chunk;
    changed();
  });
  // Killed while we write: that is what some tests are about.
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      resolve(code);
      changed();
    });
  });

  function waitFor<T>(what: string, read: () => T | undefined, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = read();
        if (found === undefined) return;
        finish();
        resolve(found);
      };
      const timer = setTimeout(() => {
        finish();
        reject(
          new Error(
            `waited ${limitMs} ms for ${what}; last seen: ${JSON.stringify(latest?.screen)}\n${log.slice(-2000)}`,
          ),
        );
      }, limitMs);
      const finish = () => {
        clearTimeout(timer);
        watchers.delete(look);
      };
      watchers.add(look);
      look();
    });
  }

  return {
    pid: child.pid ?? 0,
    process: child,
    snapshot: () => latest,
    log: () => log,
    until: (what, met, limitMs = 15_000) =>
      waitFor(what, () => (latest && met(latest) ? latest : undefined), limitMs),
    untilLog: async (pattern, limitMs = 15_000) => {
      await waitFor(String(pattern), () => (pattern.test(log) ? true : undefined), limitMs);
    },
    call(verb, request) {
      const id = ++nextId;
      return new Promise((resolve) => {
        replies.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ id, verb, request })}\n`);
      });
    },
    async stop() {
      child.kill('SIGTERM');
      return await ended;
    },
    async kill() {
      if (parts.group && child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
      else child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A kill may cut the last line short: nobody has seen that one. */
function frameOf(line: string) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // All of it has ended by itself.
  }
}
