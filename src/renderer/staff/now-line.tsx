import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import { assertNever } from '../components/assert-never.ts';
import type { StaffHands } from './hands.ts';
import { Shape, type ShapeName } from './shape.tsx';
import { spanIn } from './spans.ts';
import type { OpenScreen } from './staff-pages.tsx';

interface Said {
  readonly shape: ShapeName;
  readonly words: string;
}

/** The worst of what is, in one line; what is lost is said with how long ago. */
export function worstOf(screen: OpenScreen, text: StaffCatalogue): Said {
  const { now, parts, province } = screen;
  if (now.doing === 'notRunning') return { shape: 'gone', words: text.now.notRunning };
  if (now.doing === 'fault') return { shape: 'gone', words: text.now.fault };
  const [lost] = parts.filter(({ state }) => state === 'lost');
  if (lost) return { shape: 'gone', words: text.now.lost(text.state[lost.kind], spanIn(text, lost.forMs)) };
  if (province?.state === 'held' || province?.state === 'stopped')
    return { shape: 'gone', words: `${text.state.province}：${text.state.provinceStates[province.state]}` };
  const [way] = parts.filter(({ state }) => state === 'connecting');
  if (way) return { shape: 'way', words: text.now.connecting(text.state[way.kind]) };
  if (now.doing === 'paused') return { shape: 'rest', words: text.now.paused };
  return { shape: 'there', words: text.now.allWell };
}

function doingIn({ now }: OpenScreen, text: StaffCatalogue): string {
  const number = now.ticketNumber ?? text.now.thisTicket;
  switch (now.doing) {
    case 'idle':
      return text.now.idle;
    case 'serving':
      return text.now.serving(number);
    case 'inviting':
      return text.now.inviting(number);
    case 'answering':
      return text.now.answering;
    case 'paused':
      return text.now.paused;
    case 'fault':
    case 'notRunning':
      return '';
    default:
      return assertNever(now.doing);
  }
}

const refusedIn = (refusal: NonNullable<NowLineProps['refusal']>, text: StaffCatalogue) =>
  refusal === 'tooSoon' ? text.acts.tooSoon : text.acts.refused;

interface NowLineProps {
  readonly screen: OpenScreen;
  readonly text: StaffCatalogue;
  readonly refusal: StaffHands['refusal']['value'];
}

/** The one clear state line at the top. */
export function NowLine({ screen, text, refusal }: NowLineProps) {
  const { shape, words } = worstOf(screen, text);
  const doing = refusal === null ? doingIn(screen, text) : refusedIn(refusal, text);
  const { clerk, signedOff } = screen.now;
  return (
    <div class="staff-now" aria-live="polite">
      <Shape name={shape} />
      <h1 class="staff-now__state">{words}</h1>
      {doing === words ? null : <span class="staff-now__doing">{doing}</span>}
      {clerk === undefined ? null : (
        <span class="staff-now__clerk">{text.now.clerk(clerk.number, clerk.name ?? '')}</span>
      )}
      {signedOff ? <span class="staff-now__clerk staff-now__clerk--off">{text.now.signedOff}</span> : null}
    </div>
  );
}
