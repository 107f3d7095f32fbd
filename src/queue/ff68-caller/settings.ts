import { z } from 'zod';
import { outsideText } from '../../shared/words.ts';

/** What a function key does, typed as digits and then 0F. */
export const FUNCTION_ACTS = [
  'giveUp',
  'suspend',
  'callBack',
  'transfer',
  'pause',
  'logIn',
  'logOut',
  /** Taken and answered; nothing of it concerns a rating. */
  'nothing',
] as const;
export type FunctionAct = (typeof FUNCTION_ACTS)[number];

/** The two published programs differ in what their function key does. */
export const FUNCTIONS: Readonly<Record<'A' | 'B', Readonly<Record<string, FunctionAct>>>> = {
  /** The C# host. */
  A: { '6': 'giveUp', '0': 'suspend', '3': 'callBack' },
  /** The C++ host. 6, 7 and 9 call security, the manager and a consultant; more digits are a clerk's number. */
  B: {
    '5': 'giveUp',
    '0': 'pause',
    '4': 'logOut',
    '8': 'nothing',
    '6': 'nothing',
    '7': 'nothing',
    '9': 'nothing',
  },
};

/** Settings of the caller keys on the button bus (docs/queue-links.md). Only `kind` must be given. */
export const Ff68CallerSettingsSchema = z.strictObject({
  kind: z.literal('ff68-caller'),
  /** The keypad's address on the bus, if it is not the counter's number. */
  address: z.int().min(0).max(127).optional(),
  /** Whether this tablet answers the keypad. False where another host on the line does. */
  answersKeys: z.boolean().default(true),
  functions: z.enum(['A', 'B']).default('A'),
  /** Digits before 0F → what they do, over those of `functions`. */
  functionKeys: z
    .record(
      z.string().regex(/^\d{1,6}$/, 'must be the digits before the function key'),
      z.enum(FUNCTION_ACTS),
    )
    .optional(),
  /** What key 0A does: one program begins the service with it, another sends the ticket on. */
  startKey: z.enum(['start', 'transfer']).default('start'),
  /** `typed`: a ticket has the number the clerk types; `count`: and the next one has the next. */
  numbering: z.enum(['typed', 'count']).default('typed'),
  /** Whether a number may be called twice a day for two tickets: several queues, whose letter no keypad can type. */
  numbersRepeat: z.boolean().default(false),
  /** How a typed 23 is printed on tickets: `A` and 3 make A023. */
  numberPrefix: outsideText(8).default(''),
  numberDigits: z.int().min(1).max(6).default(3),
  queueName: outsideText(60).min(1).optional(),
  /** Whether "please rate" without a call before it opens a service of its own. */
  evaluateWithoutCall: z.boolean().default(false),
  /** Digits that nothing follows are forgotten after so long. */
  digitsWaitMs: z.int().min(1000).max(60_000).default(10_000),
});
export type Ff68CallerSettings = z.output<typeof Ff68CallerSettingsSchema>;
