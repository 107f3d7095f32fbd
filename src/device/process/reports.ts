import { z } from 'zod';
import { PressSchema } from '../../shared/press.ts';
import type { LinkState } from '../../shared/queue-event.ts';
import type { ButtonFault, DriverEvent } from '../driver-words.ts';
import type { LineFault } from '../framing/framing.ts';
import type { PortFault } from '../transport/port.ts';

/** What a driver's process tells the core. */
export type Report =
  | { readonly type: 'event'; readonly event: DriverEvent }
  /** Its event loop turns. Carries what must be right in the end, whatever was dropped before. */
  | {
      readonly type: 'alive';
      readonly state: LinkState;
      readonly counters: Readonly<Record<string, number>>;
      /** Events that were not passed on because there were too many. */
      readonly suppressed: number;
    }
  | { readonly type: 'stopped' };

/** No report needs more; a longer text is not even read. */
export const REPORT_LIMIT = 16_384;

const text = z.string().max(4_000);
const count = z.int().min(0);

/** Both ways: a code that is not listed here does not compile, one that is not in the type neither. */
const codes = <Code extends string>(known: Readonly<Record<Code, true>>) =>
  z.custom<Code>((value) => typeof value === 'string' && Object.hasOwn(known, value));

const LinkStateSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('connecting'), sinceMs: z.int() }),
  z.strictObject({ state: z.literal('ready'), sinceMs: z.int() }),
  z.strictObject({ state: z.literal('lost'), sinceMs: z.int(), reason: text }),
]);

const LineFaultSchema = z.strictObject({
  code: codes<LineFault['code']>({
    badLength: true,
    badTail: true,
    badChecksum: true,
    tooLong: true,
    notAMessage: true,
  }),
  bytes: text,
});

const PortFaultSchema = z.strictObject({
  code: codes<PortFault['code']>({
    absent: true,
    ambiguous: true,
    busy: true,
    denied: true,
    ioError: true,
    noDriver: true,
    notResponding: true,
    silent: true,
    unplugged: true,
  }),
  path: text,
  detail: text,
});

/** A box knows nothing of invitations, and must not pretend to. */
const BoxPressSchema = PressSchema.omit({ invitation: true });
const CountersSchema = z.record(z.string().max(40), count);

type FaultOf<Kind extends ButtonFault['kind']> = z.ZodType<Extract<ButtonFault, { kind: Kind }>>;
const FAULTS: { readonly [Kind in ButtonFault['kind']]: FaultOf<Kind> } = {
  line: z.strictObject({ kind: z.literal('line'), fault: LineFaultSchema }),
  unknownKey: z.strictObject({ kind: z.literal('unknownKey'), key: text }),
  stuckKey: z.strictObject({ kind: z.literal('stuckKey'), key: text, deviceId: text }),
  lost: z.strictObject({ kind: z.literal('lost'), fault: PortFaultSchema }),
  driver: z.strictObject({ kind: z.literal('driver'), reason: text }),
};

type EventOf<Type extends DriverEvent['type']> = z.ZodType<Extract<DriverEvent, { type: Type }>>;
/** `counters` never travels by itself: every sign of life carries them. */
const EVENTS: { readonly [Type in Exclude<DriverEvent['type'], 'counters'>]: EventOf<Type> } = {
  press: z.strictObject({ type: z.literal('press'), press: BoxPressSchema }),
  withdrawn: z.strictObject({
    type: z.literal('withdrawn'),
    press: BoxPressSchema,
    reason: z.enum(['together', 'held']),
  }),
  caller: z.strictObject({
    type: z.literal('caller'),
    address: z.int().min(0).max(255),
    func: z.int().min(0).max(255),
    key: z.int().min(0).max(255),
    digits: z.array(z.int().min(0).max(255)).max(32),
  }),
  state: z.strictObject({ type: z.literal('state'), state: LinkStateSchema }),
  fault: z.strictObject({ type: z.literal('fault'), fault: z.union(Object.values(FAULTS)) }),
};

const ReportSchema: z.ZodType<Report> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('event'), event: z.union(Object.values(EVENTS)) }),
  z.strictObject({
    type: z.literal('alive'),
    state: LinkStateSchema,
    counters: CountersSchema,
    suppressed: count,
  }),
  z.strictObject({ type: z.literal('stopped') }),
]);

/** @returns undefined for whatever is no report: a driver that talks nonsense is as good as none. */
export function readReport(data: unknown): Report | undefined {
  if (typeof data !== 'string' || data.length > REPORT_LIMIT) return undefined;
  try {
    const read = ReportSchema.safeParse(JSON.parse(data));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
