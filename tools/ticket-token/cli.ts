/** `npm run ticket-token -- keygen | sign | verify`: docs/ticket-token.md. */
import { runTicketTokenCommand } from './command.ts';

const { code, out } = await runTicketTokenCommand(process.argv.slice(2), Date.now());
(code === 2 ? process.stderr : process.stdout).write(out);
process.exitCode = code;
