import { z } from 'zod';
import { hex } from '../decode/hex.ts';
import { unknownKey } from './byte-template.ts';
import { ByteSchema, byteOf, KeyCodeSchema } from './bytes.ts';
import type { Framing } from './framing.ts';

/**
 * Boot-keyboard reports (USB HID 1.11, appendix B) of a pad that types digits: all keys that are down.
 *
 * ```
 *  MODIFIERS  00  USAGE USAGE USAGE USAGE USAGE USAGE     00: none; 01 in all six: more keys than it can tell
 * ```
 */
export const KeyCodesFramingSchema = z
  .strictObject({
    kind: z.literal('key-codes'),
    /** Key code → the usages of page 07 that mean it: the digit above the letters, the one of the number block. */
    keys: z.record(KeyCodeSchema, z.array(ByteSchema).min(1).max(8)),
    /** Usages that say nothing: the Enter or Num Lock that some pads type along. */
    ignored: z.array(ByteSchema).max(32).optional(),
  })
  .superRefine(({ keys, ignored = [] }, context) => {
    const wrong = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const given = [...Object.values(keys).flat(), ...ignored];
    if (new Set(given).size !== given.length)
      wrong(['keys'], 'must not have the same usage twice, nor one that is ignored');
    if (given.some((usage) => byteOf(usage) < FIRST_KEY))
      wrong(['keys'], 'must not have a usage below 04: those are no keys');
  });
export type KeyCodesFraming = z.output<typeof KeyCodesFramingSchema>;

/** 00 is no key, 01 roll-over, 02 and 03 failures of the keyboard itself. */
const FIRST_KEY = 4;
const REPORT_LENGTH = 8;
const FIRST_USAGE = 2;

export function keyCodesFraming(spec: KeyCodesFraming): Framing {
  const ignored = new Set((spec.ignored ?? []).map(byteOf));
  const keyOf = new Map(
    Object.entries(spec.keys).flatMap(([key, usages]) =>
      usages.map((usage): [number, string] => [byteOf(usage), key]),
    ),
  );
  const reportOf = (usage: number) => {
    const report = new Uint8Array(REPORT_LENGTH);
    report[FIRST_USAGE] = usage;
    return report;
  };

  return {
    decoder: () => ({
      push(report) {
        if (report.length !== REPORT_LENGTH)
          return { signals: [], faults: [{ code: 'badLength', bytes: hex(report.subarray(0, 64)) }] };
        const usages = [...report.subarray(FIRST_USAGE)].filter((usage) => usage !== 0);
        // Which keys are down is not known: the next report says it.
        if (usages.some((usage) => usage < FIRST_KEY)) return { signals: [{ kind: 'other' }], faults: [] };
        const keys = usages
          .filter((usage) => !ignored.has(usage))
          .map((usage) => keyOf.get(usage) ?? unknownKey(usage));
        return { signals: [{ kind: 'down', keys: [...new Set(keys)] }], faults: [] };
      },
      held: 0,
    }),
    // A keyboard is told nothing: its lamps belong to the system.
    say: () => undefined,
    box: () => ({
      press: (key) => [reportOf(byteOf(spec.keys[key]?.[0] ?? '00')), reportOf(0)],
      hear: () => ({ sayings: [], answers: [] }),
    }),
  };
}
