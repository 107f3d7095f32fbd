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

export function headlessKiosk({ app, configPath, dataFolder }: KioskFiles): Command {
  return {
    command: process.execPath,
    args: [
      ...CORE_V8_FLAGS,
      join(app, 'src/core/headless.ts'),
      `--config=${configPath}`,
      `--data=${dataFolder}`,
    ],
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
  const frames = new PassThrough();
  createInterface({ input: frames }).on('line', (line) => {
    const message = read(line);
    if (message?.type !== 'push') return;
    snapshot = message.body;
    parts.onChange();
  });

  const child = createSupervised({
    command: parts.command,
    onOutput(from, text) {
      if (parts.headless && from === 'stdout') frames.write(text);
      else parts.log(text);
    },
    onChange() {
      if (!child.state().running) snapshot = null;
      parts.onChange();
    },
  });

  const processes = (): readonly (ProcessSeen & { readonly role: ProcessRole })[] => {
    const { pid } = child.state();
    if (pid === undefined) return [];
    return processTree(pid).map((seen) => ({ ...seen, role: roleOf(seen, pid) }));
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
    say(verb, request) {
      if (!parts.headless) return false;
      requests += 1;
      return child.write(JSON.stringify({ id: requests, verb, request }));
    },
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
