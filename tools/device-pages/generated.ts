import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { checkModelFolders, describeProblem } from '../../src/device/buttons.ts';
import { devicePage } from './page.ts';
import { udevRules } from './rules.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Every file that is made from the models, with its text. Throws when a model is wrong, which says where. */
export async function generated(): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const { models, problems } = await checkModelFolders([at('../../assets/device-models')]);
  if (problems.length > 0) throw new Error(problems.map((problem) => describeProblem(problem)).join('\n'));
  const template = await readFile(at('device-protocols.md.in'), 'utf8');
  return [
    { path: at('../../docs/device-protocols.md'), text: devicePage(template, models) },
    { path: at('../../assets/udev/70-yiping-devices.rules'), text: udevRules(models) },
  ];
}
