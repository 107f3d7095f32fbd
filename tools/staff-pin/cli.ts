/** `npm run staff-pin -- --data=FOLDER`: sets the PIN of the staff screen. What it guards: docs/operations.md. */
import { readCoreArguments } from '../../src/core/arguments.ts';
import { setPinOf } from '../../src/core/staff-pin-command.ts';
import { askForPin } from '../../src/shared/screen/pin-prompt.ts';

const { dataFolder } = readCoreArguments(process.argv.slice(2), import.meta.url);
const pin = await askForPin(process.stdin, (text) => process.stderr.write(text));
const { code, out } = await setPinOf(dataFolder, pin);
process.stdout.write(out);
process.exitCode = code;
