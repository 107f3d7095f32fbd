import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { loadModel } from '../../src/device/model-files.ts';
import { udevRules } from '../device-pages/rules.ts';

/** Native: found in node_modules, which the emulated machine shares. */
const NATIVE = ['node-hid', 'serialport'];

/**
 * The tests of `test/hw` as plain JavaScript, with the models beside them where their sources have them. In an
 * emulated machine every process would otherwise spend half a minute on taking types out of a hundred files.
 *
 * @returns the folder to run them in, and udev rules as they are generated for a model that has an id.
 */
export async function bundleTests(root: string): Promise<{ readonly tests: string; readonly rules: string }> {
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
  return { tests: join(outDir, 'test/hw'), rules: await identify(outDir) };
}

/** A copy of the pad that has no id of its own, as a technician would make it, and its rules. */
async function identify(outDir: string): Promise<string> {
  const models = join(outDir, 'assets/device-models');
  const pad = JSON.parse(await readFile(join(models, 'generic-hid-pad.json'), 'utf8')) as object;
  const usb = [{ vendorId: '1209', productId: '0002' }];
  await writeFile(join(models, 'hw-pad.json'), JSON.stringify({ ...pad, id: 'hw-pad', usb }));
  const read = await loadModel({ folders: [models], id: 'hw-pad' });
  if (!read.ok) throw new Error(read.message);
  const rules = join(outDir, '70-yiping-devices.rules');
  await writeFile(rules, udevRules([read.model]));
  return rules;
}
