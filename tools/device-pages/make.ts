/** `npm run docs:devices`: writes what is generated from the models, docs/device-protocols.md and the udev rules. */
import { writeFile } from 'node:fs/promises';
import { generated } from './generated.ts';

for (const { path, text } of await generated()) {
  await writeFile(path, text);
  console.log(path);
}
