import { type ReadonlySignal, signal } from '@preact/signals';
import type { Answer, CitizenBridge } from '../../shared/screen/contract.ts';
import type { InvitationId, Level, Locale } from '../../shared/words.ts';
import { assertNever } from '../components/assert-never.ts';
import { invitationOf, isSamePage, type View } from './view.ts';

/** Everything a citizen can do by touch. */
export type Act =
  | { readonly verb: 'choose'; readonly level: Level }
  | { readonly verb: 'confirm' }
  | { readonly verb: 'tick'; readonly code: string }
  | { readonly verb: 'finish' }
  | { readonly verb: 'help' }
  | { readonly verb: 'decline' }
  | { readonly verb: 'speak'; readonly locale: Locale };

export interface Acts {
  /** The act under the finger, or on its way to the core: drawn as done, in the frame of the touch. */
  readonly shown: ReadonlySignal<Act | null>;
  /** The last press got no answer; the page asks for it again. */
  readonly unanswered: ReadonlySignal<boolean>;
  /** A finger came down. Only the first finger counts until it is lifted. */
  readonly touch: (act: Act, pointerId: number) => void;
  /** It was lifted where it came down: this is the moment that counts. */
  readonly lift: (pointerId: number) => void;
  /** It slid away or was taken by the system: nothing happened. */
  readonly release: (pointerId: number) => void;
  /** The same without a finger: keyboard, assistive technology. */
  readonly perform: (act: Act) => void;
}

function isSameAct(a: Act | null, b: Act): boolean {
  return a !== null && JSON.stringify(a) === JSON.stringify(b);
}

function send(bridge: CitizenBridge, act: Act, invitation: InvitationId | null): Promise<Answer> | null {
  if (act.verb === 'speak') return bridge.speak({ locale: act.locale });
  if (invitation === null) return null;
  switch (act.verb) {
    case 'choose':
      return bridge.choose({ invitation, level: act.level });
    case 'tick':
      return bridge.tick({ invitation, code: act.code });
    case 'confirm':
      return bridge.confirm({ invitation });
    case 'finish':
      return bridge.finish({ invitation });
    case 'help':
      return bridge.help({ invitation });
    case 'decline':
      return bridge.decline({ invitation });
    default:
      return assertNever(act);
  }
}

/**
 * Turns touches into verbs, one at a time: while the core has not answered, further presses are ignored. It
 * decides nothing; what is true comes with the next snapshot.
 */
export function createActs({ bridge, view }: { bridge: CitizenBridge; view: ReadonlySignal<View> }) {
  const shown = signal<Act | null>(null);
  const unanswered = signal(false);
  let touched: { readonly act: Act; readonly pointerId: number } | null = null;
  let awaiting = false;

  function perform(act: Act): void {
    if (awaiting) return;
    const pressedAt = view.value.revision;
    const answer = send(bridge, act, invitationOf(view.value.screen));
    if (answer === null) return;
    awaiting = true;
    shown.value = act;
    unanswered.value = false;
    const settle = (accepted: boolean) => {
      awaiting = false;
      // An accepted act stays drawn until the snapshot that contains it, so that nothing flickers in between.
      const snapshotCame = view.value.revision !== pressedAt;
      if (isSameAct(shown.value, act) && touched === null && (!accepted || snapshotCame)) shown.value = null;
    };
    answer.then(
      ({ accepted }) => settle(accepted),
      () => {
        settle(false);
        unanswered.value = true;
      },
    );
  }

  function drop(): void {
    touched = null;
    if (!awaiting) shown.value = null;
  }

  const acts: Acts = {
    shown,
    unanswered,
    perform,
    touch(act, pointerId) {
      if (touched !== null || awaiting) return;
      touched = { act, pointerId };
      shown.value = act;
    },
    lift(pointerId) {
      if (touched?.pointerId !== pointerId) return;
      const { act } = touched;
      touched = null;
      perform(act);
    },
    release(pointerId) {
      if (touched?.pointerId === pointerId) drop();
    },
  };

  return {
    acts,
    /** To be called with each view before it is shown. */
    viewChanges(from: View, to: View): void {
      const samePage = isSamePage(from.screen, to.screen);
      if (!samePage) touched = null;
      if (touched === null) shown.value = null;
      if (!samePage) unanswered.value = false;
    },
  };
}

/** For a page that cannot act: the preview, or a page without a core. */
export const NO_ACTS: Acts = {
  shown: signal(null),
  unanswered: signal(false),
  touch: () => {},
  lift: () => {},
  release: () => {},
  perform: () => {},
};
