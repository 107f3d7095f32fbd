import { type IndicatorPack, indicatorsOf } from '../shared/indicators.ts';
import { assertNever, type Level, type Source } from '../shared/words.ts';
import { enter } from './phases.ts';
import { type Effect, type Phase, refused, type SessionState, type Step, unchanged } from './state.ts';

type Details = Extract<Phase, { name: 'details' }>;

/**
 * Sooner than this after a choice, or after the page has come, a key is the second tap of a double tap, or was
 * meant for the page before.
 */
export const CALM_MS = 700;

/** A key of a box: no page says what it means, so it goes by its place. */
export function isKey(source: Source): boolean {
  return source === 'serial' || source === 'hid' || source === 'keyboard';
}

/** What the five keys mean while the reasons are asked for, the best level's key first. Alike at every level. */
export type DetailsKey = 'tick' | 'next' | 'previous' | 'help' | 'finish';
const DETAILS_KEYS: Readonly<Record<Level, DetailsKey>> = {
  5: 'tick',
  4: 'next',
  3: 'previous',
  2: 'help',
  1: 'finish',
};

/** @returns undefined where the key comes too soon to be meant for this page. */
export function detailsKey(phase: Details, level: Level, atMonoMs: number): DetailsKey | undefined {
  return atMonoMs - phase.sinceMonoMs < CALM_MS ? undefined : DETAILS_KEYS[level];
}

/**
 * From one reason to the next, round and round. Until a key is used none is spoken, so the first key only goes
 * there: nobody ticks what they have not heard.
 */
export function moveFocus(
  state: SessionState,
  phase: Details,
  key: 'tick' | 'next' | 'previous',
  pack: IndicatorPack,
): Step {
  const offered = indicatorsOf(pack, phase.level);
  const { focus } = phase;
  if (offered.length === 0) return unchanged(state, refused('notNow'));
  const code = focus === undefined ? undefined : offered[focus]?.code;
  const ticked = key === 'tick' && code !== undefined ? toggled(phase.ticked, code) : phase.ticked;
  const entered = enter(state, { ...phase, ticked, focus: moved(focus, key, offered.length), keys: true });
  return { state: entered.state, drafts: [], effects: entered.effects, answer: { accepted: true } };
}

function moved(focus: number | undefined, key: 'tick' | 'next' | 'previous', count: number): number {
  if (focus === undefined) return key === 'previous' ? count - 1 : 0;
  return (focus + (key === 'previous' ? count - 1 : 1)) % count;
}

export function toggled(ticked: readonly string[], code: string): readonly string[] {
  return ticked.includes(code) ? ticked.filter((one) => one !== code) : [...ticked, code];
}

/** What is to be said to somebody who goes by keys; `text` names words of the catalogue. */
export type Spoken =
  | { readonly text: 'inviting.question' | 'details.question' | 'details.helpNoted' | 'thanks.title' }
  | { readonly text: 'chosen.recorded'; readonly level: Level }
  | {
      readonly text: 'details.indicators';
      readonly code: string;
      readonly ticked: boolean;
      /** From 1. */
      readonly place: number;
      readonly of: number;
    };

/** Where the citizen now is. Nothing where nobody is asked anything. */
export function spokenOf(phase: Phase, pack: IndicatorPack): Spoken | undefined {
  switch (phase.name) {
    case 'idle':
    case 'serving':
      return undefined;
    case 'inviting':
      return { text: 'inviting.question' };
    case 'chosen':
      return { text: 'chosen.recorded', level: phase.level };
    case 'details': {
      const offered = indicatorsOf(pack, phase.level);
      const focused = phase.focus === undefined ? undefined : offered[phase.focus];
      if (phase.focus === undefined || !focused) return { text: 'details.question' };
      const { code } = focused;
      const ticked = phase.ticked.includes(code);
      return { text: 'details.indicators', code, ticked, place: phase.focus + 1, of: offered.length };
    }
    case 'thanks':
      return { text: 'thanks.title' };
    default:
      return assertNever(phase);
  }
}

/** What to say after an act that led from one place to the other. */
export function speech(from: Phase, to: Phase, pack: IndicatorPack): readonly Effect[] {
  if (from.name === 'details' && to.name === 'details' && to.helpRequested && !from.helpRequested)
    return [{ type: 'speak', say: { text: 'details.helpNoted' } }];
  const say = spokenOf(to, pack);
  return say ? [{ type: 'speak', say }] : [];
}
