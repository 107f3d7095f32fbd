/**
 * Preflight: what does this machine lack, and can we mend it? Run before anything that needs Electron, a
 * screen or a serial line. Silent and quick when all is there. As root on a Debian-like system it installs
 * what is missing; otherwise it names the one command to run. It must not start anything or keep state.
 */
import { getuid } from 'node:process';
import { type AptResult, aptGet, askOffered, choosePackages } from './apt.ts';
import { isAptMachine, isPresent, librariesMissingFor } from './detect.ts';
import { ELECTRON_LIBRARIES, type Purpose, THINGS, type Thing } from './machine-table.ts';

export { checkNode, nodeProblem } from './check-node.mjs';
export type { Purpose } from './machine-table.ts';

/** One thing the machine lacks. `packages` are alternative Debian names, empty when we know none. */
export interface Missing {
  readonly name: string;
  readonly why: string;
  readonly packages: readonly string[];
}

export interface Look {
  readonly purposes: readonly Purpose[];
  /** Electron's executable, to ask `ldd` about; without it only the table is looked at. */
  readonly executable: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

export type PreflightResult =
  | { readonly kind: 'ready'; readonly installed: readonly string[] }
  | { readonly kind: 'lacking'; readonly missing: readonly Missing[]; readonly advice: string };

/** The parts through which the preflight touches the machine. */
export interface PreflightParts {
  readonly find: (look: Look) => Promise<readonly Missing[]>;
  readonly isRoot: boolean;
  readonly isAptMachine: () => Promise<boolean>;
  readonly offered: (names: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly apt: (args: readonly string[]) => Promise<AptResult>;
  readonly say: (line: string) => void;
}

function isWanted(thing: Thing, look: Look): boolean {
  if (!thing.purposes.some((purpose) => look.purposes.includes(purpose))) return false;
  const hasDisplay = (look.env['DISPLAY'] ?? '') !== '';
  // Tests never use the developer's own screen, so they want Xvfb whether or not there is one.
  return thing.onlyWithoutDisplay !== true || !hasDisplay || look.purposes.includes('test');
}

/** Everything the machine lacks for these purposes. Changes nothing. */
export async function findMissing(look: Look): Promise<readonly Missing[]> {
  const wanted = THINGS.filter((thing) => isWanted(thing, look));
  const [present, sonames] = await Promise.all([
    Promise.all(wanted.map((thing) => isPresent(thing.detect, look.env['PATH']))),
    look.executable === undefined ? [] : librariesMissingFor(look.executable),
  ]);
  const things = wanted.filter((_, index) => present[index] === false);
  const known = new Set(things.map((thing) => (thing.detect.kind === 'library' ? thing.detect.soname : '')));
  const libraries = (sonames ?? [])
    .filter((soname) => !known.has(soname))
    .map((soname) => ({
      name: soname,
      why: 'Electron is linked to it',
      packages: ELECTRON_LIBRARIES[soname] ?? [],
    }));
  return [...things.map(({ name, why, packages }) => ({ name, why, packages })), ...libraries];
}

export function defaultParts(): PreflightParts {
  return {
    find: findMissing,
    isRoot: getuid?.() === 0,
    isAptMachine,
    offered: askOffered,
    apt: aptGet,
    say: (line) => console.error(line),
  };
}

function listed(missing: readonly Missing[]): string {
  return missing.map(({ name, why }) => `  ${name} — ${why}`).join('\n');
}

function installCommand(packages: readonly string[], isRoot: boolean): string {
  const sudo = isRoot ? '' : 'sudo ';
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/**
 * Finds what is missing and, as root on a Debian-like machine, installs it. On Windows and macOS, where
 * Electron brings all it needs, it is always ready.
 */
export async function prepareMachine(look: Look, parts = defaultParts()): Promise<PreflightResult> {
  if (process.platform !== 'linux') return { kind: 'ready', installed: [] };
  const missing = await parts.find(look);
  if (missing.length === 0) return { kind: 'ready', installed: [] };

  const alternatives = missing.map((thing) => thing.packages).filter((names) => names.length > 0);
  const choose = async (): Promise<readonly string[]> =>
    choosePackages(alternatives, await parts.offered(alternatives.flat()));

  if (!(await parts.isAptMachine())) {
    const advice = `This machine lacks:\n${listed(missing)}\nInstall them with the system's package manager and start again.`;
    return { kind: 'lacking', missing, advice };
  }
  if (!parts.isRoot) {
    const advice = `This machine lacks:\n${listed(missing)}\nRun this once, then start again:\n  ${installCommand(await choose(), false)}`;
    return { kind: 'lacking', missing, advice };
  }

  const failed = (problem: string, packages: readonly string[]): PreflightResult => ({
    kind: 'lacking',
    missing,
    advice: `This machine lacks:\n${listed(missing)}\nInstalling them failed. ${problem}\nMend that and run:\n  ${installCommand(packages, true)}`,
  });
  const updated = await parts.apt(['update', '-qq']);
  const packages = await choose();
  if (!updated.ok) return failed(updated.problem, packages);
  parts.say(`Installing what this machine lacks (apt-get): ${packages.join(' ')}`);
  const installed = await parts.apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  if (!installed.ok) return failed(installed.problem, packages);

  const left = await parts.find(look);
  if (left.length === 0) return { kind: 'ready', installed: packages };
  const advice = `Still missing after installing ${packages.join(' ')}:\n${listed(left)}\nFind and install the packages that hold them, then start again.`;
  return { kind: 'lacking', missing: left, advice };
}
