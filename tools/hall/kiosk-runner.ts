/** The kiosk as a thing to run, watch and kill: in Electron, or only its core in plain Node. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { PortMessage } from '../../src/shared/screen/contract.ts';
import { CORE_V8_FLAGS } from '../../src/shared/screen/shell.ts';
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';
import { electronCommand, type OrdinaryUser } from '../runtime/runtime.ts';
import type { Size } from './memory-screen.ts';
import { killSeen, type ProcessRole, type ProcessSeen, processTree, roleOf } from './process-tree.ts';
import { type Command, createSupervised, type SupervisedState } from './supervised.ts';

/** `all`: power is cut. */
export type Victim = 'core' | 'page' | 'all';

export interface KioskRunner {
  start(): void;
  process(): SupervisedState;
  /** @returns how many processes were ended. */
  kill(victim: Victim): number;
  /** What a headless core last showed; null in Electron, where the screen itself is to be looked at. */
  snapshot(): Snapshot | null;
  /** A headless core's screen says something; false when there is none. */
  say(verb: string, request: unknown): boolean;
  /** The same, with its answer; undefined when there is none or it ends first. */
  ask(verb: string, request: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export interface KioskFiles {
  readonly app: string;
  readonly configPath: string;
  readonly dataFolder: string;
}

export async function electronKiosk(parts: {
  readonly files: KioskFiles;
  readonly size: Size;
  readonly env: NodeJS.ProcessEnv;
}): Promise<{
  readonly command: Command;
  readonly user: OrdinaryUser | undefined;
  readonly runtime: string;
}> {
  const { app, configPath, dataFolder } = parts.files;
  const { user, runtime, ...command } = await electronCommand({
    appDir: app,
    args: [
      `--yiping-config=${configPath}`,
      `--yiping-data=${dataFolder}`,
      `--yiping-window=${parts.size.width}x${parts.size.height}`,
    ],
    env: parts.env,
  });
  return { command, user, runtime: `Electron ${runtime.electronVersion} (${runtime.kind})` };
}

/** @param entry of the core, below `app`. */
export function headlessKiosk(
  { app, configPath, dataFolder }: KioskFiles,
  entry = 'src/core/headless.ts',
): Command {
  return {
    command: process.execPath,
    args: [...CORE_V8_FLAGS, join(app, entry), `--config=${configPath}`, `--data=${dataFolder}`],
    env: process.env,
    cwd: app,
  };
}

export function createKioskRunner(parts: {
  readonly command: Command;
  readonly headless: boolean;
  readonly log: (text: string) => void;
  readonly onChange: () => void;
}): KioskRunner {
  let snapshot: Snapshot | null = null;
  let requests = 0;
  const asked = new Map<number, (answer: unknown) => void>();
  const frames = new PassThrough();
  createInterface({ input: frames }).on('line', (line) => {
    const message = read(line);
    if (message?.type === 'push') {
      snapshot = message.body;
      parts.onChange();
    } else if (message) {
      asked.get(message.id)?.(message.type === 'reply' ? message.reply : message);
      asked.delete(message.id);
    }
  });

  const child = createSupervised({
    command: parts.command,
    onOutput(from, text) {
      if (parts.headless && from === 'stdout') frames.write(text);
      else parts.log(text);
    },
    onChange() {
      if (!child.state().running) {
        snapshot = null;
        for (const answer of asked.values()) answer(undefined);
        asked.clear();
      }
      parts.onChange();
    },
  });

  const processes = (): readonly (ProcessSeen & { readonly role: ProcessRole })[] => {
    const { pid } = child.state();
    if (pid === undefined) return [];
    return processTree(pid).map((seen) => ({ ...seen, role: roleOf(seen, pid) }));
  };

  const say = (verb: string, request: unknown): boolean => {
    if (!parts.headless) return false;
    requests += 1;
    return child.write(JSON.stringify({ id: requests, verb, request }));
  };

  return {
    start: child.start,
    process: child.state,
    kill(victim) {
      const isVictim = (role: ProcessRole) =>
        // Without Electron the core is all there is.
        victim === 'all' || role === (parts.headless && victim === 'core' ? 'shell' : victim);
      const victims = processes().filter(({ role }) => isVictim(role));
      victims.forEach(killSeen);
      return victims.length;
    },
    snapshot: () => snapshot,
    say,
    ask: (verb, request) =>
      new Promise((resolve) => {
        if (!say(verb, request)) return resolve(undefined);
        asked.set(requests, resolve);
      }),
    stop: child.stop,
  };
}

function read(line: string): PortMessage | undefined {
  try {
    return JSON.parse(line) as PortMessage;
  } catch {
    // The last line of a core that was killed in the middle of it.
    return undefined;
  }
}
