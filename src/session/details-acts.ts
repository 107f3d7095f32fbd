import type { IndicatorPack } from '../shared/indicators.ts';
import type { Press } from '../shared/press.ts';
import type { Level } from '../shared/words.ts';
import { detailsKey, isKey, moveFocus, toggled } from './keys.ts';
import { detailDrafts, enter } from './phases.ts';
import {
  ACCEPTED,
  type Fresh,
  type Phase,
  refused,
  type SessionState,
  type Step,
  unchanged,
} from './state.ts';

type Details = Extract<Phase, { name: 'details' }>;
interface DetailsContext {
  readonly pack: IndicatorPack;
}

export function onDetailsKey(
  state: SessionState,
  phase: Details,
  press: Press,
  level: Level,
  fresh: Fresh,
  context: DetailsContext,
): Step {
  const key = detailsKey(phase, level, fresh.atMonoMs);
  // As likely as not a change of mind that came too late.
  if (key === undefined) return unchanged(state, refused('alreadyRated'));
  if (key === 'help') return onHelp(state, press);
  if (key === 'finish') return finish(state, phase, context);
  return moveFocus(state, phase, key, context.pack);
}

export function finish(state: SessionState, phase: Details, context: DetailsContext): Step {
  const { service, invitation } = phase;
  const entered = enter(state, { name: 'thanks', service, invitation });
  return {
    state: entered.state,
    drafts: detailDrafts(phase, context.pack.version),
    effects: entered.effects,
    answer: ACCEPTED,
  };
}

/**
 * Somebody is to come now. Frozen with the press, so that walking away loses nothing, and not taken back:
 * somebody may be on the way. Asked for alike at every level.
 */
export function onHelp(state: SessionState, press: Press): Step {
  const { phase } = state;
  if (phase.name !== 'details') return unchanged(state, refused('notNow'));
  if (phase.helpRequested) return unchanged(state);
  const entered = enter(state, { ...phase, helpRequested: true, keys: isKey(press.source) });
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
  context: DetailsContext,
): Step {
  const { phase } = state;
  if (phase.name !== 'details') return unchanged(state, refused('notNow'));
  if (input.invitation !== phase.invitation) return unchanged(state, refused('staleInvitation'));
  const offered = context.pack.indicators.some(
    (indicator) => indicator.code === input.code && indicator.level === phase.level,
  );
  if (!offered) return unchanged(state, refused('notNow'));
  const ticked = toggled(phase.ticked, input.code);
  const entered = enter(state, { ...phase, ticked, focus: undefined, keys: false });
  return { state: entered.state, drafts: [], effects: entered.effects, answer: ACCEPTED };
}
