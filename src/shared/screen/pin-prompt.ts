/** What is asked of a terminal, or of a pipe, by shape: the shell and a tool in plain Node have the same. */
export interface PinInput {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(name: 'data', listener: (data: Uint8Array | string) => void): unknown;
  on(name: 'end', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

const MOST = 64;
const PROMPTS = ['新口令（4 至 12 位数字）New PIN: ', '再输入一次 Again: '] as const;

/**
 * Asks for a new PIN twice, showing nothing of it: not on the command line, where every process of the machine could
 * read it, and not on the screen. @returns null when the two differ, or it was given up.
 */
export function askForPin(input: PinInput, say: (text: string) => void): Promise<string | null> {
  return new Promise((resolve) => {
    const answers: string[] = [];
    let typed = '';
    const decoder = new TextDecoder();
    const isTerminal = input.isTTY === true;

    function end(result: string | null): void {
      if (isTerminal) input.setRawMode?.(false);
      input.pause();
      resolve(result);
    }

    function line(): void {
      answers.push(typed.trim());
      typed = '';
      if (isTerminal) say('\n');
      const [first, second] = answers;
      if (second !== undefined) end(first === second ? second : null);
      else say(PROMPTS[1]);
    }

    if (isTerminal) input.setRawMode?.(true);
    say(PROMPTS[0]);
    input.on('end', () => {
      if (answers.length < 2 && typed !== '') line();
      if (answers.length < 2) end(null);
    });
    input.on('data', (data) => {
      for (const sign of typeof data === 'string' ? data : decoder.decode(data, { stream: true })) {
        if (answers.length >= 2) return;
        if (sign === '\r' || sign === '\n') line();
        else if (sign === '\u0003' || sign === '\u0004') {
          answers.push('', '');
          end(null);
        } else if (sign === '\u007f' || sign === '\b') typed = typed.slice(0, -1);
        else if (typed.length < MOST) typed += sign;
      }
    });
    input.resume();
  });
}
