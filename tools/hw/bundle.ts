import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

/** Native: found in node_modules, which the emulated machine shares. */
const NATIVE = ['node-hid', 'serialport'];

/**
 * The tests of `test/hw` as plain JavaScript, with the models beside them where their sources have them. In an
 * emulated machine every process would otherwise spend half a minute on taking types out of a hundred files.
 *
 * @returns the folder to run them in.
 */
export async function bundleTests(root: string): Promise<string> {
  const outDir = join(root, 'out/hw');
  const sources = join(root, 'test/hw');
  const names = (await readdir(sources)).filter((name) => /(^main|-child|\.hw)\.ts$/.test(name));
  await rm(outDir, { recursive: true, force: true });
  await mkdir(join(outDir, 'assets'), { recursive: true });
  await cp(join(root, 'assets/device-models'), join(outDir, 'assets/device-models'), { recursive: true });
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, external: NATIVE },
    build: {
      ssr: true,
      target: 'node24',
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name.replace(/\.ts$/, ''), join(sources, name)])),
        output: {
          format: 'es',
          entryFileNames: 'test/hw/[name].js',
          chunkFileNames: 'test/hw/part-[name]-[hash].js',
        },
      },
    },
  });
  return join(outDir, 'test/hw');
}
