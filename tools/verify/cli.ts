/** `npm run verify -- FILE|FOLDER`: the verifier without the kiosk. What it does and says: docs/verify.md. */
import { runVerifyCommand } from '../../src/core/verify/verify-command.ts';

const lang = process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '';
const { code, out } = await runVerifyCommand(process.argv.slice(2), lang);
process.stdout.write(out);
process.exitCode = code;
