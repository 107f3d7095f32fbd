import { setPinOf } from './staff-pin-command.ts';

/**
 * `yiping staff-pin` inside the packed app: the shell, which has the terminal, sends what was typed and ends as this
 * ends. By message and not on the command line, where others could read it.
 */
interface ParentPort {
  once(name: 'message', listener: (event: { readonly data: unknown }) => void): void;
}
const { parentPort } = process as typeof process & { readonly parentPort?: ParentPort };

parentPort?.once('message', ({ data }) => {
  const field = (name: string) =>
    typeof data === 'object' && data !== null ? Reflect.get(data, name) : null;
  const dataFolder = field('dataFolder');
  const pin = field('pin');
  setPinOf(String(dataFolder), typeof pin === 'string' ? pin : null).then(
    ({ code, out }) => process.stdout.write(out, () => process.exit(code)),
    (error: unknown) => process.stderr.write(`${String(error)}\n`, () => process.exit(70)),
  );
});
