import { runVerifyCommand } from './verify-command.ts';

/** The verifier inside the packed app: the shell starts this as a process and ends as it ends. */
const lang = process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '';
const { code, out } = await runVerifyCommand(process.argv.slice(2), lang);
process.stdout.write(out, () => process.exit(code));
