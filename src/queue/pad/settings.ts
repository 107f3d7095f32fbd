import { z } from 'zod';
import { outsideText } from '../../shared/words.ts';
import { isLoopback, listenShape, pathOf } from '../http/settings.ts';
import { lineShape } from '../line-settings.ts';

const file = z.string().min(1).max(1000);
const url = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol), 'must be ws://… or wss://…')
  .refine((text) => {
    if (!URL.canParse(text)) return true;
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'must not hold a user name, a password or a #fragment');
const origin = z
  .string()
  .max(300)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text,
    'must be an origin like https://rating.example',
  );

const NotifySchema = z
  .strictObject({
    ...listenShape,
    path: pathOf('/notify'),
    /** File with the key that has to come as `Authorization: Bearer …`; the published notify has none. */
    keyFile: file.optional(),
  })
  .refine(
    (notify) => isLoopback(notify.host) || notify.keyFile !== undefined || notify.allowFrom.length > 0,
    {
      path: ['allowFrom'],
      message: 'must name who may send, or keyFile must be set: anybody in the network could call up cases',
    },
  );

/** Settings of the pad link (docs/queue-links.md). `workNo` and `url` with `keyFile`, or `notify`, must be given. */
export const PadSettingsSchema = z
  .strictObject({
    kind: z.literal('pad'),
    /** The clerk's number of this counter at the pad server and in notifies. */
    workNo: outsideText(32).min(1),
    /** The pad server's WebSocket, `ws://…` or `wss://…`. */
    url: url.optional(),
    /** File with the key the pad server knows us by; readable by this program alone. */
    keyFile: file.optional(),
    /** PEM file with the only authority to be trusted for `wss`; without it the system's authorities are. */
    caFile: file.optional(),
    /** Where the business system tells of cases; not listened at without it. */
    notify: NotifySchema.optional(),
    /** From where an address to rate at is taken for a request to rate, though no case of ours stands in it. */
    pinnedOrigins: z.array(origin).max(16).default([]),
    /** Names under which such an address carries the case number. */
    caseKeys: z
      .array(z.string().regex(/^[\w-]{1,40}$/))
      .min(1)
      .max(16)
      .default(['affairSerialNo', 'projectNo', 'id']),
    /** Where notifies do not give the clerk's name. */
    clerkName: outsideText(40).min(1).optional(),
    heartbeatEveryMs: z.int().min(1000).max(3_600_000).default(60_000),
    /** How a silently dead connection is noticed: by ping frames, by messages, by whichever is answered, not at all. */
    probe: z.enum(['auto', 'ping', 'message', 'off']).default('auto'),
    ...lineShape,
    loginLimitMs: z.int().min(100).max(60_000).default(5000),
  })
  .refine((settings) => settings.url !== undefined || settings.notify !== undefined, {
    path: ['url'],
    message: 'must be given, or notify: else there is nothing to hear',
  })
  .refine((settings) => (settings.url === undefined) === (settings.keyFile === undefined), {
    path: ['keyFile'],
    message: 'must be given together with url',
  })
  .refine((settings) => settings.silenceLimitMs > settings.probeEveryMs, {
    path: ['silenceLimitMs'],
    message: 'must be longer than probeEveryMs, or every pause between two probes is a loss',
  });
export type PadSettings = z.output<typeof PadSettingsSchema>;
