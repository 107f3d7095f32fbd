import type { IndicatorPack } from '../shared/indicators.ts';
import type { Press } from '../shared/press.ts';
import { assertNever, type Level, type Locale } from '../shared/words.ts';
import { type DelayName, MAX_CHANGES } from './delays.ts';
import { finish, onDetailsKey, onHelp } from './details-acts.ts';
import { CALM_MS, isKey, speech } from './keys.ts';
import { backToServing, closingReport, enter, type SettledBy, settleDrafts } from './phases.ts';
import {
  ACCEPTED,
  type Fresh,
  type Phase,
  refused,
  type SessionState,
  type Step,
  unchanged,
} from './state.ts';
import { choiceOf, withdraw } from './withdraw.ts';

export interface CitizenContext {
  readonly pack: IndicatorPack;
  readonly defaultLocale: Locale;
}

/**
 * What the citizen does, from the screen or a key; and what their silence does.
 * Silence is never a rating: the only way to a level is a press.
 * Whoever goes by keys is told where that led.
 */
export function onPress(state: SessionState, press: Press, fresh: Fresh, context: CitizenContext): Step {
  const step = act(state, press, fresh, context);
  const news = isKey(press.source) && step.state !== state;
  return step.answer.accepted && (news || press.control === 'repeat')
    ? { ...step, effects: [...step.effects, ...speech(state.phase, step.state.phase, context.pack)] }
    : step;
}

function act(state: SessionState, press: Press, fresh: Fresh, context: CitizenContext): Step {
  const { phase } = state;
  if (phase.name === 'idle' || phase.name === 'serving') return unchanged(state, refused('notNow'));
  if (press.invitation && press.invitation !== phase.invitation)
    return unchanged(state, refused('staleInvitation'));
  switch (press.control) {
    case 'confirm':
      return onConfirm(state, press, fresh, context);
    case 'cancel':
      if (phase.name === 'inviting') return decline(state, phase, context);
      if (phase.name === 'chosen') return withdraw(state, phase, press, 'cancelled');
      return unchanged(state, refused('notNow'));
    case 'help':
      return onHelp(state, press);
    case 'repeat':
      return onRepeat(state, press);
    case 'invite':
      return unchanged(state, refused('notNow'));
    default:
      if (phase.name === 'details' && isKey(press.source))
        return onDetailsKey(state, phase, press, press.control, fresh, context);
      return onLevel(state, press, press.control, fresh);
  }
}

/** Said once more; who is still to answer gets all the time again. A choice settles in its time all the same. */
function onRepeat(state: SessionState, press: Press): Step {
  const { phase } = state;
  if (phase.name === 'details') return again(state, { ...phase, keys: isKey(press.source) });
  return phase.name === 'inviting' ? again(state, phase) : unchanged(state);
}

function again(state: SessionState, phase: Phase): Step {
  const entered = enter(state, phase);
  return { state: entered.state, drafts: [], effects: entered.effects, answer: ACCEPTED };
}

function onLevel(state: SessionState, press: Press, level: Level, fresh: Fresh): Step {
  const { phase } = state;
  if (phase.name !== 'inviting' && phase.name !== 'chosen') return unchanged(state, refused('alreadyRated'));
  const change = phase.name === 'inviting' ? 0 : phase.change + 1;
  if (phase.name === 'chosen') {
    // The same key again, and not the second tap of an unsteady hand, means it; a face on the screen has its button.
    if (phase.level === level)
      return isKey(press.source) && fresh.atMonoMs - phase.atMonoMs >= CALM_MS
        ? settle(state, phase, 'citizen', { ...fresh, keys: true })
        : unchanged(state);
    if (change > MAX_CHANGES) return unchanged(state, refused('alreadyRated'));
  }
  const { service, invitation } = phase;
  const entered = enter(state, {
    name: 'chosen',
    service,
    invitation,
    change,
    earlier: phase.name === 'chosen' ? [...phase.earlier, choiceOf(phase)] : [],
    level,
    source: press.source,
    deviceId: press.deviceId,
    pressedAtMs: press.atMs,
    atMonoMs: fresh.atMonoMs,
  });
  return {
    state: entered.state,
    drafts: [
      {
        kind: 'rating.chosen',
        body: {
          invitation,
          serviceKey: service.serviceKey,
          level,
          change,
          source: press.source,
          deviceId: press.deviceId,
        },
      },
    ],
    effects: [...entered.effects, { type: 'acknowledge', press }],
    answer: ACCEPTED,
  };
}

function onConfirm(state: SessionState, press: Press, fresh: Fresh, context: CitizenContext): Step {
  if (state.phase.name === 'chosen')
    return settle(state, state.phase, 'citizen', { ...fresh, keys: isKey(press.source) });
  // The second tap of a double tap on "confirm" was not meant for this page.
  if (state.phase.name === 'details' && !isTooSoon(state.phase, press, fresh))
    return finish(state, state.phase, context);
  return unchanged(state, refused('notNow'));
}

function settle(
  state: SessionState,
  phase: Extract<Phase, { name: 'chosen' }>,
  by: SettledBy,
  { atMonoMs, keys }: { readonly atMonoMs: number; readonly keys: boolean },
): Step {
  const { service, invitation, level } = phase;
  const entered = enter(state, {
    name: 'details',
    service,
    invitation,
    level,
    ticked: [],
    helpRequested: false,
    keys,
    sinceMonoMs: atMonoMs,
  });
  return {
    state: entered.state,
    drafts: settleDrafts(phase, by),
    effects: [...entered.effects, ...closingReport(phase)],
    answer: ACCEPTED,
  };
}

function decline(
  state: SessionState,
  phase: Extract<Phase, { name: 'inviting' }>,
  context: CitizenContext,
  outcome: 'declined' | 'timedOut' = 'declined',
): Step {
  const { invitation } = phase;
  const entered = enter(state, backToServing(phase, outcome === 'declined' ? 'declined' : 'ended'));
  return {
    state: { ...entered.state, locale: context.defaultLocale },
    drafts: [
      {
        kind: 'invitation.closed',
        body: { invitation, serviceKey: phase.service.serviceKey, outcome, reason: outcome },
      },
    ],
    effects: [...entered.effects, ...closingReport(phase)],
    answer: ACCEPTED,
  };
}

function isTooSoon(phase: Extract<Phase, { name: 'details' }>, press: Press, fresh: Fresh): boolean {
  return isKey(press.source) && fresh.atMonoMs - phase.sinceMonoMs < CALM_MS;
}

/** Time has moved on somebody who goes by keys and may not see it. */
function told(
  phase: Extract<Phase, { name: 'chosen' | 'details' }>,
  step: Step,
  context: CitizenContext,
): Step {
  const keys = phase.name === 'chosen' ? isKey(phase.source) : phase.keys;
  return keys
    ? { ...step, effects: [...step.effects, ...speech(phase, step.state.phase, context.pack)] }
    : step;
}

/** Time is up for the phase; a delay of an earlier phase says nothing any more. */
export function onDelayEnded(
  state: SessionState,
  delay: { readonly name: DelayName; readonly epoch: number },
  fresh: Fresh,
  context: CitizenContext,
): Step {
  const { phase } = state;
  if (state.delay?.epoch !== delay.epoch) return unchanged(state);
  switch (phase.name) {
    case 'idle':
    case 'serving':
      return unchanged(state);
    case 'inviting':
      return decline(state, phase, context, 'timedOut');
    case 'chosen':
      return told(phase, settle(state, phase, 'time', { ...fresh, keys: isKey(phase.source) }), context);
    case 'details':
      return told(phase, finish(state, phase, context), context);
    case 'thanks': {
      const entered = enter(state, backToServing(phase, 'rated'));
      return {
        state: { ...entered.state, locale: context.defaultLocale },
        drafts: [],
        effects: entered.effects,
        answer: ACCEPTED,
      };
    }
    default:
      return assertNever(phase);
  }
}
