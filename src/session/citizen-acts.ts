import type { IndicatorPack } from '../shared/indicators.ts';
import type { Press } from '../shared/press.ts';
import { assertNever, type Level, type Locale } from '../shared/words.ts';
import { type DelayName, MAX_CHANGES } from './delays.ts';
import { backToServing, closingReport, detailDrafts, enter, type SettledBy, settleDrafts } from './phases.ts';
import { ACCEPTED, type Phase, refused, type SessionState, type Step, unchanged } from './state.ts';

export interface CitizenContext {
  readonly pack: IndicatorPack;
  readonly defaultLocale: Locale;
}

/**
 * What the citizen does, from the screen or a key; and what their silence does.
 * Silence is never a rating: the only way to a level is a press.
 */
export function onPress(state: SessionState, press: Press, context: CitizenContext): Step {
  const { phase } = state;
  if (phase.name === 'idle' || phase.name === 'serving') return unchanged(state, refused('notNow'));
  if (press.invitation && press.invitation !== phase.invitation)
    return unchanged(state, refused('staleInvitation'));
  switch (press.control) {
    case 'confirm':
      return onConfirm(state, context);
    case 'cancel':
      return phase.name === 'inviting' ? decline(state, phase, context) : unchanged(state, refused('notNow'));
    case 'help':
      return onHelp(state, press);
    case 'repeat':
    case 'invite':
      return unchanged(state, refused('notNow'));
    default:
      return onLevel(state, press, press.control);
  }
}

function onLevel(state: SessionState, press: Press, level: Level): Step {
  const { phase } = state;
  if (phase.name !== 'inviting' && phase.name !== 'chosen') return unchanged(state, refused('alreadyRated'));
  const change = phase.name === 'inviting' ? 0 : phase.change + 1;
  if (phase.name === 'chosen') {
    // The same face again, or the second tap of an unsteady hand, says nothing new.
    if (phase.level === level) return unchanged(state);
    if (change > MAX_CHANGES) return unchanged(state, refused('alreadyRated'));
  }
  const { service, invitation } = phase;
  const entered = enter(state, { name: 'chosen', service, invitation, level, change });
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

function onConfirm(state: SessionState, context: CitizenContext): Step {
  if (state.phase.name === 'chosen') return settle(state, state.phase, 'citizen');
  if (state.phase.name === 'details') return finish(state, state.phase, context);
  return unchanged(state, refused('notNow'));
}

function settle(state: SessionState, phase: Extract<Phase, { name: 'chosen' }>, by: SettledBy): Step {
  const { service, invitation, level } = phase;
  const entered = enter(state, {
    name: 'details',
    service,
    invitation,
    level,
    ticked: [],
    helpRequested: false,
  });
  return {
    state: entered.state,
    drafts: settleDrafts(phase, by),
    effects: [...entered.effects, ...closingReport(phase)],
    answer: ACCEPTED,
  };
}

function finish(
  state: SessionState,
  phase: Extract<Phase, { name: 'details' }>,
  context: CitizenContext,
): Step {
  const { service, invitation } = phase;
  const entered = enter(state, { name: 'thanks', service, invitation });
  return {
    state: entered.state,
    drafts: detailDrafts(phase, context.pack.version),
    effects: entered.effects,
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

/**
 * Somebody is to come now. Frozen with the press, so that walking away loses nothing, and not taken back:
 * somebody may be on the way. Asked for alike at every level.
 */
function onHelp(state: SessionState, press: Press): Step {
  const { phase } = state;
  if (phase.name !== 'details') return unchanged(state, refused('notNow'));
  if (phase.helpRequested) return unchanged(state);
  const entered = enter(state, { ...phase, helpRequested: true });
  const { invitation, service } = phase;
  return {
    state: entered.state,
    drafts: [
      {
        kind: 'rating.helpRequested',
        body: {
          invitation,
          serviceKey: service.serviceKey,
          source: press.source,
          deviceId: press.deviceId,
        },
      },
    ],
    effects: [...entered.effects, { type: 'acknowledge', press }],
    answer: ACCEPTED,
  };
}

/** A reason ticked or unticked; only codes of the chosen level, and the citizen gets all the time again. */
export function onTick(
  state: SessionState,
  input: { readonly invitation: string; readonly code: string },
  context: CitizenContext,
): Step {
  const { phase } = state;
  if (phase.name !== 'details') return unchanged(state, refused('notNow'));
  if (input.invitation !== phase.invitation) return unchanged(state, refused('staleInvitation'));
  const offered = context.pack.indicators.some(
    (indicator) => indicator.code === input.code && indicator.level === phase.level,
  );
  if (!offered) return unchanged(state, refused('notNow'));
  const ticked = phase.ticked.includes(input.code)
    ? phase.ticked.filter((code) => code !== input.code)
    : [...phase.ticked, input.code];
  const entered = enter(state, { ...phase, ticked });
  return { state: entered.state, drafts: [], effects: entered.effects, answer: ACCEPTED };
}

/** Time is up for the phase; a delay of an earlier phase says nothing any more. */
export function onDelayEnded(
  state: SessionState,
  delay: { readonly name: DelayName; readonly epoch: number },
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
      return settle(state, phase, 'time');
    case 'details':
      return finish(state, phase, context);
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
