import type { Clock } from '../shared/clock.ts';
import type { Draft } from '../shared/journal/entry.ts';
import type { LinkState } from '../shared/queue-event.ts';

/**
 * What the journal hears of a link that comes and goes. Some changes within ten minutes are frozen each as it happens. A
 * link that goes on like that would fill the journal and say nothing new: the rest are counted, and when the ten minutes
 * are over one entry says how many they were and how it ended. It is let off after ten minutes with no more than some.
 */
export const NEWS_WINDOW_MS = 600_000;
export const NEWS_FROZEN = 6;
/** The longest reason an entry takes. */
const REASON_CHARS = 200;

type LinkDraft = Extract<Draft, { kind: 'link.changed' }>;
type LinkName = Pick<LinkDraft['body'], 'link' | 'name'>;
/** "Connecting" is between two truths: the journal keeps only there and gone. */
type Truth = Exclude<LinkState, { state: 'connecting' }>;

interface Heard {
  readonly of: LinkName;
  last: Truth;
  /** When the changes were frozen that count against the number, monotonic ms. */
  frozenMs: readonly number[];
  counted: number;
  /** Ends the wait for the end of the ten minutes; absent while changes are frozen as they happen. */
  cancel: (() => void) | undefined;
}

export function createLinkNews(parts: {
  readonly clock: Clock;
  /** What was counted, to be frozen now. */
  readonly onCounted: (draft: LinkDraft) => void;
}) {
  const { clock, onCounted } = parts;
  const links = new Map<string, Heard>();
  let ended = false;

  const count = (heard: Heard): void => {
    if (!ended) heard.cancel = clock.after(NEWS_WINDOW_MS, () => windowOver(heard));
  };

  const windowOver = (heard: Heard): void => {
    const { of, last, counted } = heard;
    Object.assign(heard, { counted: 0, frozenMs: [], cancel: undefined });
    if (counted > NEWS_FROZEN) count(heard);
    if (counted > 0) onCounted(draftOf(of, last, counted));
  };

  return {
    /** @returns what is to be frozen at once. */
    changed(of: LinkName, next: LinkState): LinkDraft | undefined {
      if (next.state === 'connecting') return undefined;
      const key = `${of.link} ${of.name}`;
      const before = links.get(key);
      if (before?.last.state === next.state) return undefined;
      const heard: Heard = before ?? { of, last: next, frozenMs: [], counted: 0, cancel: undefined };
      links.set(key, heard);
      heard.last = next;
      const atMs = clock.monoMs();
      heard.frozenMs = heard.frozenMs.filter((frozenMs) => atMs - frozenMs < NEWS_WINDOW_MS);
      if (!heard.cancel && heard.frozenMs.length < NEWS_FROZEN) {
        heard.frozenMs = [...heard.frozenMs, atMs];
        return draftOf(of, next);
      }
      if (!heard.cancel) count(heard);
      heard.counted += 1;
      return undefined;
    },
    /** What was counted until now is said; nothing is said later. */
    stop(): void {
      ended = true;
      for (const heard of links.values()) {
        heard.cancel?.();
        windowOver(heard);
      }
    },
  };
}

/** zh-CN, as the reasons of links are. */
function draftOf(of: LinkName, truth: Truth, counted = 0): LinkDraft {
  const said = [
    ...(counted > 0 ? [`10 分钟内又通断 ${counted} 次，合记为一条。`] : []),
    ...(truth.state === 'lost' ? [truth.reason] : []),
  ].join('');
  const reason = said === '' ? {} : { reason: said.slice(0, REASON_CHARS) };
  return { kind: 'link.changed', body: { ...of, state: truth.state, ...reason } };
}
