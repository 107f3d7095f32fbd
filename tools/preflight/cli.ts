/** `node tools/preflight/cli.ts [run] [test] [--electron PATH]` — prepares the machine or says what to do; exit 1 when it is not ready. */
import { parseArgs } from 'node:util';
import { type Purpose, prepareMachine } from './preflight.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { electron: { type: 'string' } },
});

function purposesOf(words: readonly string[]): readonly Purpose[] {
  const purposes = words.filter((word): word is Purpose => word === 'run' || word === 'test');
  return purposes.length === 0 ? ['run'] : purposes;
}

const result = await prepareMachine({
  purposes: purposesOf(positionals),
  executable: values.electron,
  env: process.env,
});
if (result.kind === 'lacking') {
  console.error(result.advice);
  process.exitCode = 1;
}
