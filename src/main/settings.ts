import { isAbsolute, join, resolve } from 'node:path';

/** Where this kiosk finds its settings and keeps its data; switches win over the environment. */
export interface ShellSettings {
  readonly configPath: string;
  readonly dataFolder: string;
  /** A window of this size instead of the whole screen, for the bench and for tests: `1280x800`. */
  readonly windowSize: { readonly width: number; readonly height: number } | null;
}

export function readShellSettings(parts: {
  /** Value of `--name=value`, '' when absent. */
  readonly switchValue: (name: string) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly defaultFolder: string;
}): ShellSettings {
  const { switchValue, env } = parts;
  const dataFolder = absolute(
    switchValue('yiping-data') || env['YIPING_DATA'] || join(parts.defaultFolder, 'kiosk'),
  );
  const size = /^(\d{3,4})x(\d{3,4})$/.exec(switchValue('yiping-window'));
  return {
    dataFolder,
    configPath: absolute(
      switchValue('yiping-config') || env['YIPING_CONFIG'] || join(dataFolder, 'kiosk.json'),
    ),
    windowSize: size ? { width: Number(size[1]), height: Number(size[2]) } : null,
  };
}

function absolute(path: string): string {
  return isAbsolute(path) ? path : resolve(path);
}
