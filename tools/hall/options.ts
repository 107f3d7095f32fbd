/** The command line of `npm start -- …`. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  isSimLink,
  SIM_LINK_NAMES,
  SIM_LINK_SHORT,
  SIM_LINKS,
  type SimLink,
  type SimLinkName,
} from '../queue-sim/wires.ts';
import { Trouble } from '../runtime/runtime.ts';

const isByHand = (name: SimLinkName): boolean => {
  const { byHand }: SimLink = SIM_LINKS[name];
  return byHand === true;
};
const PLAYABLE = SIM_LINK_NAMES.filter((name) => !isByHand(name)).join(', ');

export const USAGE = `npm start -- [options]      one counter of a hall on this machine, with a page to play it

  --fresh          begin anew: removes what an earlier start kept
  --data FOLDER    where everything is kept (default: a folder of this user, named at every start)
  --port N         port of the bench page on 127.0.0.1 (default 8600, or the next free one)
  --link NAME      how the queue system speaks to the kiosk (default rate-service):
                   ${PLAYABLE}
  --portrait       the kiosk's screen is 800×1280 instead of 1280×800
  --headless       no Electron: only the kiosk's core, its screen as buttons on the bench page
  --help           this text`;

export const DEFAULT_PORT = 8600;

export interface HallOptions {
  readonly dataFolder: string;
  readonly fresh: boolean;
  /** Undefined = the default one, or the next free one. */
  readonly port: number | undefined;
  /** The wire of the hall's queue-calling system. */
  readonly link: SimLinkName;
  readonly portrait: boolean;
  readonly headless: boolean;
  readonly help: boolean;
}

/** Throws `Trouble` that names the word that is wrong. */
export function readOptions(
  words: readonly string[],
  who: { readonly env: NodeJS.ProcessEnv; readonly isRoot: boolean },
): HallOptions {
  const { values } = parsed(words);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535))
    throw new Trouble(
      `--port ${values.port} is no port. Give a number from 1 to 65535, or 0 for any free one.`,
    );
  return {
    dataFolder: resolve(values.data ?? defaultFolder(who)),
    fresh: values.fresh,
    port,
    link: linkOf(values.link),
    portrait: values.portrait,
    headless: values.headless,
    help: values.help,
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        link: { type: 'string', default: 'rate-service' },
        fresh: { type: 'boolean', default: false },
        portrait: { type: 'boolean', default: false },
        headless: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new Trouble(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function linkOf(word: string): SimLinkName {
  const name = SIM_LINK_SHORT[word] ?? word;
  if (!isSimLink(name)) throw new Trouble(`--link ${word} is no link. There are: ${PLAYABLE}.`);
  if (!isByHand(name)) return name;
  throw new Trouble(
    `--link ${word}: a clerk's hand is no wire that the bench could play. Drive it with \`npm run queue-sim -- --link ${word} --kiosk\`, or take one of: ${PLAYABLE}.`,
  );
}

/** Root's is where the kiosk's ordinary user can get to; everybody else's is below their own home. */
function defaultFolder(who: { readonly env: NodeJS.ProcessEnv; readonly isRoot: boolean }): string {
  if (who.isRoot) return '/var/lib/yiping-hall';
  const named = who.env['XDG_STATE_HOME'] ?? '';
  return join(isAbsolute(named) ? named : join(homedir(), '.local', 'state'), 'yiping-hall');
}
