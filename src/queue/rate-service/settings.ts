import { z } from 'zod';
import { outsideText } from '../../shared/words.ts';
import { lineShape } from '../line-settings.ts';

const url = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol), 'must be ws://… or wss://…')
  .refine((text) => {
    if (!URL.canParse(text)) return true;
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'must not hold a user name, a password or a #fragment');

/** Settings of the RateService link (docs/queue-links.md). Only `url` and `userCode` must be given. */
export const RateServiceSettingsSchema = z
  .strictObject({
    kind: z.literal('rate-service'),
    /** `ws://host:3348` or `wss://…`. */
    url,
    /** The queue system's number of this counter, if it is not the counter's own. */
    winNum: outsideText(32).min(1).optional(),
    /** The clerk's number at the queue system (工号). */
    userCode: outsideText(32).min(1),
    /** Where GetUserList does not give the clerk's name. */
    clerkName: outsideText(40).min(1).optional(),
    /** PEM file with the only authority to be trusted for `wss`; without it the system's authorities are. */
    caFile: z.string().min(1).max(1000).optional(),
    /** Code and document of the published protocol name some keys differently; reading takes both. */
    spelling: z.enum(['code', 'document']).default('code'),
    /** Our additions to the protocol: TicketEvent, GetState, RateResult. Off unless the server has them. */
    extensions: z.boolean().default(false),
    /** HeartBeat of the published protocol. */
    heartbeatEveryMs: z.int().min(1000).max(3_600_000).default(300_000),
    /** How often the present state is asked for, with the additions: what was missed is made good within so long. */
    stateEveryMs: z.int().min(1000).max(3_600_000).default(10_000),
    /** How a silently dead connection is noticed: by ping frames, by messages, by whichever is answered, not at all. */
    probe: z.enum(['auto', 'ping', 'message', 'off']).default('auto'),
    ...lineShape,
    loginLimitMs: z.int().min(100).max(60_000).default(5000),
  })
  .refine((settings) => settings.silenceLimitMs > settings.probeEveryMs, {
    path: ['silenceLimitMs'],
    message: 'must be longer than probeEveryMs, or every pause between two probes is a loss',
  });
export type RateServiceSettings = z.output<typeof RateServiceSettingsSchema>;
