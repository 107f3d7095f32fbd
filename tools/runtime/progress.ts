/** Progress on stderr: one moving line on a terminal, a few plain lines elsewhere. */

/** Bytes moved so far of how many in all. */
export type Report = (doneBytes: number, totalBytes: number) => void;

export interface Progress {
  /** One line for people. */
  readonly say: (line: string) => void;
  /** Begins a measured step; call `end` exactly once. */
  readonly step: (label: string) => { readonly report: Report; readonly end: () => void };
}

export interface Screen {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
}

const BAR_WIDTH = 24;
const PLAIN_EVERY_PERCENT = 25;

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

export function barLine(label: string, doneBytes: number, totalBytes: number): string {
  const part = totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes);
  const filled = Math.round(part * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '·'.repeat(BAR_WIDTH - filled);
  const percent = `${Math.floor(part * 100)}`.padStart(3);
  return `${label} ${bar} ${percent} % (${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB)`;
}

export function createProgress(screen: Screen = process.stderr): Progress {
  const say = (line: string): void => {
    screen.write(`${line}\n`);
  };
  const step = (label: string): ReturnType<Progress['step']> => {
    if (screen.isTTY === true) {
      let last = '';
      const report: Report = (doneBytes, totalBytes) => {
        const line = barLine(label, doneBytes, totalBytes);
        if (line !== last) screen.write(`\r\u001b[2K${line}`);
        last = line;
      };
      return { report, end: () => screen.write('\r\u001b[2K') };
    }
    let nextPercent = PLAIN_EVERY_PERCENT;
    say(`${label} …`);
    const report: Report = (doneBytes, totalBytes) => {
      const percent = totalBytes === 0 ? 0 : (doneBytes / totalBytes) * 100;
      if (percent < nextPercent) return;
      nextPercent = Math.floor(percent / PLAIN_EVERY_PERCENT + 1) * PLAIN_EVERY_PERCENT;
      say(`${label}: ${Math.min(100, Math.floor(percent))} %`);
    };
    return { report, end: () => undefined };
  };
  return { say, step };
}

/** For tests and programs whose stderr is not for people. */
export const silentProgress: Progress = {
  say: () => undefined,
  step: () => ({ report: () => undefined, end: () => undefined }),
};
