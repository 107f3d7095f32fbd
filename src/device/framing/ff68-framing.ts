import { z } from 'zod';
import {
  acknowledge,
  beepCaller,
  CALLER_ADDRESSES_BELOW,
  callerDisplay,
  createFf68Decoder,
  encodeFf68,
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

/** The evaluator of a counter has the address of its caller + 0x80. */
function callerOf(evaluator: number): number {
  return evaluator & (CALLER_ADDRESSES_BELOW - 1);
}

/** @param parts.acknowledge which answer the box understands: A with the grade, B without. */
export function ff68Framing(parts: { readonly address: number; readonly acknowledge: 'A' | 'B' }): Framing {
  const { address } = parts;
  return {
    address,
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
    say({ output, key, stars, digits, caller = callerOf(address) }) {
      if (output === 'prompt') return startRating(address);
      if (output === 'acknowledge') return acknowledge(address, Number(key ?? 0), parts.acknowledge);
      if (output === 'stars') return starLevel(address, Math.min(5, Math.max(0, Math.trunc(stars ?? 0))));
      if (output === 'beep') return beepCaller(caller);
      return output === 'display' ? callerDisplay(caller, digits ?? '') : undefined;
    },
    answerCaller: ({ address: caller, func, key, digits: before }) =>
      encodeFf68({ address: caller, func, data: [...before, key], lead: true }),
    box() {
      const decoder = createFf68Decoder();
      return {
        press: (key) => [keyPressed(address, Number(key))],
        hear(bytes) {
          const sayings = decoder.push(bytes).frames.flatMap((frame) => {
            if (frame.address === address) return sayingOf(frame);
            // Whatever else is said to the keypad is the answer to one of its keys.
            const toCaller = sayingOf(frame).filter(
              ({ output }) => output === 'beep' || output === 'display',
            );
            return frame.address === callerOf(address) ? toCaller : [];
          });
          return { sayings, answers: [] };
        },
      };
    },
  };
}

function signalOf(frame: Ff68Frame): Signal {
  const { address, func, data } = frame;
  const [first, ...more] = data;
  if (func === FF68_FUNC.press && first !== undefined && more.length === 0)
    return { kind: 'pressed', key: String(first), address };
  const key = data.at(-1);
  // Another host's words to a display are six digits, which no keypad says.
  const isDisplay = hostCommand(frame)?.kind === 'display';
  if (address < CALLER_ADDRESSES_BELOW && func !== FF68_FUNC.press && key !== undefined && !isDisplay)
    return { kind: 'caller', address, func, key, digits: data.slice(0, -1) };
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
