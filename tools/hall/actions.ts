/** Everything a person can do on the bench page: one table, checked before anything acts on it. */
import { z } from 'zod';
import { LevelSchema } from '../../src/shared/words.ts';

const fraction = z.number().min(0).max(1);
const network = z.enum(['up', 'refusing', 'frozen']);

export const ActionSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('call') }),
  z.strictObject({ do: z.literal('recall') }),
  z.strictObject({ do: z.literal('served') }),
  z.strictObject({ do: z.literal('skip') }),
  z.strictObject({ do: z.literal('transfer') }),
  z.strictObject({ do: z.literal('pause') }),
  z.strictObject({ do: z.literal('resume') }),
  z.strictObject({ do: z.literal('reset') }),
  /** A key of the button box, by its code. */
  z.strictObject({ do: z.literal('press'), key: z.string().min(1).max(16) }),
  /** Another button box in its place; the kiosk's settings follow. */
  z.strictObject({ do: z.literal('model'), model: z.string().min(1).max(40) }),
  z.strictObject({ do: z.literal('box'), cable: z.enum(['plugged', 'pulled']) }),
  z.strictObject({ do: z.literal('network'), of: z.enum(['province', 'queue']), is: network }),
  z.strictObject({ do: z.literal('kill'), what: z.enum(['core', 'page', 'all']) }),
  /** A finger on the kiosk's screen, as fractions of its width and height. */
  z.strictObject({ do: z.literal('tap'), x: fraction, y: fraction }),
  /** The same where there is no screen but only a core. */
  z.strictObject({ do: z.literal('choose'), level: LevelSchema }),
  z.strictObject({ do: z.literal('answer'), verb: z.enum(['confirm', 'finish', 'help', 'decline']) }),
]);
export type Action = z.output<typeof ActionSchema>;

/** Why nothing was done. The page has the words. */
export type ActionProblem =
  | 'noTicket'
  | 'noWord'
  | 'boxPulled'
  | 'noSuchKey'
  | 'notPlayable'
  | 'kioskDown'
  | 'noSuchProcess'
  | 'noScreen'
  | 'nothingToAnswer'
  | 'failed';

export type ActionResult = { readonly ok: true } | { readonly ok: false; readonly problem: ActionProblem };
