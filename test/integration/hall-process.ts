import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Action, ActionResult } from '../../tools/hall/actions.ts';
import type { HallState } from '../../tools/hall/hall-state.ts';
import type { BookLine } from '../../tools/hall/journal-book.ts';
import { killSeen, type ProcessSeen, processTree } from '../../tools/hall/process-tree.ts';

const APP = join(import.meta.dirname, '../..');
const BENCH = /bench\s+(http:\/\/127\.0\.0\.1:\d+)/;

/** `npm start` without Electron, in a folder of its own, and a hand on its page. */
export interface HallProcess {
  readonly url: string;
  readonly child: ChildProcess;
  look(): Promise<{ readonly state: HallState; readonly lines: readonly BookLine[] }>;
  act(action: Action): Promise<ActionResult>;
  /** All that came from it. */
  processes(): readonly ProcessSeen[];
  /** @returns its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  dispose(): Promise<void>;
}

/** @param words after `npm start --`. */
export async function startHallProcess(words: readonly string[] = []): Promise<HallProcess> {
  const place = await mkdtemp(join(tmpdir(), 'yiping-hall-'));
  const { DISPLAY: _, WAYLAND_DISPLAY: __, DATABASE_URL: ___, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ['tools/hall/start.ts', '--headless', '--port', '0', '--data', join(place, 'hall'), ...words],
    { cwd: APP, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'exit');
  const url = await benchOf(child);

  return {
    url,
    child,
    look: async () => asked<Awaited<ReturnType<HallProcess['look']>>>(await fetch(`${url}/state`)),
    act: async (action) => {
      const response = await fetch(`${url}/act`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(action),
      });
      return asked<ActionResult>(response);
    },
    processes: () => processTree(child.pid ?? 0),
    async end(signal) {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
    async dispose() {
      processTree(child.pid ?? 0).forEach(killSeen);
      await ended;
      await rm(place, { recursive: true, force: true });
    },
  };
}

/** Our own program's answer, as its types say. */
async function asked<Answer>(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

/** The address it prints, or what it said instead. */
function benchOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: Buffer) => {
      said += text.toString();
    });
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        said += `${line}\n`;
        const url = BENCH.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    child.once('exit', (code) => reject(new Error(`the hall ended with ${code}:\n${said}`)));
  });
}
