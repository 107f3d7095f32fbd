/**
 * `node tools/runtime/cli.ts ensure` prepares Electron; `path` prints its folder (prepared if need be);
 * `exec -- APP ARGS` runs an app folder as the right user and ends as it ends.
 */
import { launchElectron, resolveRuntime, Trouble } from './runtime.ts';

const USAGE = 'Usage: node tools/runtime/cli.ts ensure | path | exec -- <app folder> [arguments]';

async function exec(appDir: string, args: readonly string[]): Promise<number> {
  const child = await launchElectron({ appDir, args });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main(words: readonly string[]): Promise<number> {
  const [verb, ...rest] = words;
  switch (verb) {
    case 'ensure': {
      const { electronVersion, kind, dist } = await resolveRuntime();
      console.error(`Electron ${electronVersion} (${kind}) is ready in ${dist}`);
      return 0;
    }
    case 'path':
      console.log((await resolveRuntime()).dist);
      return 0;
    case 'exec': {
      const [appDir, ...args] = rest[0] === '--' ? rest.slice(1) : rest;
      if (appDir !== undefined) return exec(appDir, args);
      break;
    }
  }
  console.error(USAGE);
  return 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Trouble)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
