import type { IndicatorPack } from '../shared/indicators.ts';
import type { WithdrawnBy } from '../shared/journal/entry.ts';
import type { Press } from '../shared/press.ts';
import { speech } from './keys.ts';
import { enter } from './phases.ts';
import {
  ACCEPTED,
  type Choice,
  type Phase,
  refused,
  type SessionState,
  type Step,
  unchanged,
} from './state.ts';

type Chosen = Extract<Phase, { name: 'chosen' }>;

export function choiceOf({ level, source, deviceId, pressedAtMs, atMonoMs }: Choice): Choice {
  return { level, source, deviceId, pressedAtMs, atMonoMs };
}

/** Only what that very press chose; where it chose nothing or is settled, it stays so. */
export function onWithdrawn(
  state: SessionState,
  { press, reason }: { readonly press: Press; readonly reason: WithdrawnBy },
  context: { readonly pack: IndicatorPack },
): Step {
  const { phase } = state;
  const stands =
    phase.name === 'chosen' &&
    phase.level === press.control &&
    phase.deviceId === press.deviceId &&
    phase.pressedAtMs === press.atMs;
  if (!stands) return unchanged(state, refused('notNow'));
  const step = withdraw(state, phase, press, reason);
  return { ...step, effects: [...step.effects, ...speech(phase, step.state.phase, context.pack)] };
}

/** Back to the choice before it, or to being asked. */
export function withdraw(state: SessionState, phase: Chosen, press: Press, reason: WithdrawnBy): Step {
  const { service, invitation, level, change, earlier } = phase;
  const before = earlier.at(-1);
  const entered = enter(
    state,
    before
      ? { name: 'chosen', service, invitation, change, earlier: earlier.slice(0, -1), ...before }
      : { name: 'inviting', service, invitation },
  );
  const { serviceKey } = service;
  const { source, deviceId } = press;
  return {
    state: entered.state,
    drafts: [{ kind: 'rating.withdrawn', body: { invitation, serviceKey, level, reason, source, deviceId } }],
    effects: [...entered.effects, ...(before ? [] : [{ type: 'promptButtons' } as const])],
    answer: ACCEPTED,
  };
}
