import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CoreArguments {
  readonly configPath: string;
  readonly dataFolder: string;
  readonly version: string;
  readonly assetsFolder: string;
}

/** `--config=FILE --data=FOLDER [--version=X]`. @param moduleUrl of the entry, two folders below the app's root. */
export function readCoreArguments(argv: readonly string[], moduleUrl: string): CoreArguments {
  const value = (name: string) => argv.find((text) => text.startsWith(`--${name}=`))?.slice(name.length + 3);
  const dataFolder = resolve(value('data') ?? 'data');
  return {
    dataFolder,
    configPath: resolve(value('config') ?? join(dataFolder, 'kiosk.json')),
    version: value('version') ?? 'dev',
    assetsFolder: join(dirname(fileURLToPath(moduleUrl)), '../../assets'),
  };
}
