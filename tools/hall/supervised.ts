/** One child process that is started again when it ends, as a systemd unit with Restart=always does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { killSeen, processTree } from './process-tree.ts';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export interface SupervisedState {
  readonly running: boolean;
  readonly pid: number | undefined;
  readonly sinceMs: number;
  /** How often it was started. */
  readonly starts: number;
  /** How it last ended, in words of the system: `SIGKILL`, `code 70`. */
  readonly lastEnd: string | undefined;
}

export interface Supervised {
  start(): void;
  state(): SupervisedState;
  /** Writes a line to its stdin; false when it is not there. */
  write(line: string): boolean;
  /** SIGTERM, then SIGKILL for it and all it left. Resolves when nothing of it is there any more. */
  stop(): Promise<void>;
}

const RESTART_MS = 1_000;
const POLITE_MS = 2_000;

/**
 * The kernel ends the child when we die, however we die; `setpriv` keeps the process id. Where the command is
 * `setpriv` already (another user), the word goes into it, because changing the user clears it.
 */
export function endingWithUs(command: Command): Command {
  const words = command.command === 'setpriv' ? command.args : ['--', command.command, ...command.args];
  return { ...command, command: 'setpriv', args: ['--pdeathsig', 'TERM', ...words] };
}

export function createSupervised(parts: {
  readonly command: Command;
  readonly onOutput: (from: 'stdout' | 'stderr', text: string) => void;
  /** After every start and end. */
  readonly onChange: () => void;
}): Supervised {
  const command = endingWithUs(parts.command);
  let child: ChildProcess | undefined;
  let state: SupervisedState = {
    running: false,
    pid: undefined,
    sinceMs: Date.now(),
    starts: 0,
    lastEnd: undefined,
  };
  let stopping = false;
  let again: NodeJS.Timeout | undefined;
  let whenEnded: () => void = () => {};

  const change = (next: Partial<SupervisedState>) => {
    state = { ...state, ...next, sinceMs: Date.now() };
    parts.onChange();
  };

  const ended = (how: string) => {
    child = undefined;
    change({ running: false, pid: undefined, lastEnd: how });
    whenEnded();
    if (!stopping) again = setTimeout(start, RESTART_MS);
  };

  function start(): void {
    const started = spawn(command.command, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: 'pipe',
      // A group of its own: Ctrl-C reaches only us, and we end things in order.
      detached: true,
    });
    child = started;
    started.stdout.setEncoding('utf8').on('data', (text: string) => parts.onOutput('stdout', text));
    started.stderr.setEncoding('utf8').on('data', (text: string) => parts.onOutput('stderr', text));
    started.stdin.on('error', () => {});
    let isOver = false;
    const once = (how: string) => {
      if (!isOver) ended(how);
      isOver = true;
    };
    started.once('error', (error) => once(error.message));
    started.once('exit', (code, signal) => once(signal ?? `code ${code}`));
    change({ running: true, pid: started.pid, starts: state.starts + 1 });
  }

  return {
    start,
    state: () => state,
    write: (line) => child?.stdin?.write(`${line}\n`) !== undefined,
    async stop() {
      stopping = true;
      clearTimeout(again);
      const current = child;
      if (current?.pid === undefined) return;
      const tree = processTree(current.pid);
      await new Promise<void>((resolve) => {
        const limit = setTimeout(() => current.kill('SIGKILL'), POLITE_MS);
        whenEnded = () => {
          clearTimeout(limit);
          resolve();
        };
        current.kill('SIGTERM');
      });
      tree.forEach(killSeen);
    },
  };
}
