import { z } from 'zod';
import {
  acknowledge,
  beepCaller,
  callerDisplay,
  createFf68Decoder,
  FF68_FUNC,
  type Ff68Frame,
  hostCommand,
  keyPressed,
  starLevel,
  startRating,
} from '../decode/ff68.ts';
import type { Framing, Saying, Signal } from './framing.ts';

/** The bytes are fixed by the bus (→ ../decode/ff68.ts); a model of it has nothing to add. */
export const Ff68FramingSchema = z.strictObject({ kind: z.literal('ff68') });
export const FF68_OUTPUTS = ['prompt', 'acknowledge', 'beep', 'stars', 'display'] as const;

/** Evaluators share the bus with the clerks' keypads, whose frames have another function. */
const CALLER_ADDRESSES_BELOW = 0x80;

/** The evaluator of a counter has the address of its caller + 0x80. */
function callerOf(evaluator: number): number {
  return evaluator & (CALLER_ADDRESSES_BELOW - 1);
}

/** @param parts.acknowledge which answer the box understands: A with the grade, B without. */
export function ff68Framing(parts: { readonly address: number; readonly acknowledge: 'A' | 'B' }): Framing {
  const { address } = parts;
  return {
    decoder() {
      const decoder = createFf68Decoder();
      return {
        push(bytes) {
          const { frames, faults } = decoder.push(bytes);
          return { signals: frames.map(signalOf), faults };
        },
        get held() {
          return decoder.held;
        },
      };
    },
    say({ output, key, stars, digits }) {
      if (output === 'prompt') return startRating(address);
      if (output === 'acknowledge') return acknowledge(address, Number(key ?? 0), parts.acknowledge);
      if (output === 'stars') return starLevel(address, Math.min(5, Math.max(0, Math.trunc(stars ?? 0))));
      if (output === 'beep') return beepCaller(callerOf(address));
      return output === 'display' ? callerDisplay(callerOf(address), digits ?? '') : undefined;
    },
    box() {
      const decoder = createFf68Decoder();
      return {
        press: (key) => [keyPressed(address, Number(key))],
        hear(bytes) {
          const ours = [address, callerOf(address)];
          const frames = decoder.push(bytes).frames.filter((frame) => ours.includes(frame.address));
          return { sayings: frames.flatMap(sayingOf), answers: [] };
        },
      };
    },
  };
}

function signalOf({ address, func, data }: Ff68Frame): Signal {
  const [first, ...more] = data;
  if (func === FF68_FUNC.press && first !== undefined && more.length === 0)
    return { kind: 'pressed', key: String(first), address };
  const key = data.at(-1);
  if (address < CALLER_ADDRESSES_BELOW && func !== FF68_FUNC.press && key !== undefined)
    return { kind: 'caller', address, key, digits: data.slice(0, -1) };
  return { kind: 'other', address };
}

function sayingOf(frame: Ff68Frame): readonly Saying[] {
  const command = hostCommand(frame);
  if (!command) return [];
  switch (command.kind) {
    case 'startRating':
      return [{ output: 'prompt' }];
    case 'beep':
      return [{ output: 'beep' }];
    case 'display':
      return [{ output: 'display', digits: command.digits }];
    case 'stars':
      return [{ output: 'stars', stars: command.stars }];
    case 'acknowledge':
      return command.variant === 'A'
        ? [{ output: 'acknowledge', key: String(command.grade) }]
        : [{ output: 'acknowledge' }];
  }
}
