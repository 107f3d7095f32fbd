/** What a driver says, as lines for a technician. */
import type { BoxParts, ButtonCounters, ButtonFault, DriverEvent } from '../../src/device/buttons.ts';
import type { LinkState } from '../../src/shared/queue-event.ts';
import { assertNever } from '../../src/shared/words.ts';
import type { Language } from './options.ts';
import { wordsIn } from './words.ts';

export interface Show {
  event(event: DriverEvent): void;
  counters(counters: ButtonCounters): void;
}

/** @param parts.stamp the time that stands before a line. */
export function createShow(parts: {
  readonly box: BoxParts;
  /** The site has said what its keys mean; otherwise what is printed on them is shown. */
  readonly hasLevels: boolean;
  readonly language: Language;
  readonly stamp: () => string;
  readonly print: (line: string) => void;
}): Show {
  const { box, language } = parts;
  const words = wordsIn(language);
  const say = (what: string, text: string) => parts.print(`${parts.stamp()}  ${what}  ${text}`);

  /** Two keys may mean the same; then nobody can say which it was, and both are named. */
  function keyOf(control: unknown): string {
    const { levels } = box.settings;
    return box.model.keys
      .filter(({ code }) => levels[code] === control)
      .map(({ code, label }) => `${code} ${label[language] ?? label['zh-CN']}`)
      .join(' / ');
  }

  function stateText(state: LinkState): string {
    const word = words.states[state.state];
    // The reason is a driver's sentence in Chinese; in English the fault just before it says the same.
    return state.state === 'lost' && language === 'zh-CN' ? `${word}：${state.reason}` : word;
  }

  function fault(what: ButtonFault): string | undefined {
    switch (what.kind) {
      case 'line':
        return `${what.fault.code} [${what.fault.bytes}] ${words.lineFaults[what.fault.code]}`;
      case 'unknownKey':
        return words.unknownKey(what.key);
      case 'stuckKey':
        return words.stuckKey(what.key);
      case 'lost':
        // Said by the state that follows.
        return language === 'zh-CN' ? undefined : words.port(what.fault);
      case 'driver':
        return words.driver(what.reason);
      default:
        return assertNever(what);
    }
  }

  let lastState = '';
  return {
    event(event) {
      switch (event.type) {
        case 'press': {
          const { control } = event.press;
          return say(words.key, `${keyOf(control)}${parts.hasLevels ? ` ${words.meaning(control)}` : ''}`);
        }
        case 'withdrawn':
          return say(words.withdrawn, `${keyOf(event.press.control)}（${words.withdrawnWhy}）`);
        case 'caller':
          return say(words.caller, words.callerSays(event.address, event.key, event.digits.join('')));
        case 'state': {
          // A driver in a process of its own says it as well as the process that made it.
          const text = stateText(event.state);
          if (text !== lastState) say(words.state, text);
          lastState = text;
          return;
        }
        case 'fault': {
          const text = fault(event.fault);
          return text === undefined ? undefined : say(words.fault, text);
        }
        case 'counters':
          return;
        default:
          return assertNever(event);
      }
    },
    counters(counters) {
      const shown = Object.entries(words.counts)
        .map(([name, word]) => `${word} ${counters[name as keyof ButtonCounters]}`)
        .join(' · ');
      parts.print(`${words.counters}  ${shown}`);
    },
  };
}
