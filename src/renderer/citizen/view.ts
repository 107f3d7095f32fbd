import type { Screen, Snapshot } from '../../shared/screen/snapshot.ts';
import type { Clerk, InvitationId, Locale, Name } from '../../shared/words.ts';

/** What the page is a function of: the last snapshot, or what can still be said truly without one. */
export interface View {
  readonly revision: number;
  readonly locale: Locale;
  readonly hall?: Name | undefined;
  readonly counter?: Snapshot['counter'] | undefined;
  readonly clerk?: Clerk | undefined;
  readonly screen: Screen;
}

/** Before the core has spoken for the first time. */
export const FIRST_VIEW: View = {
  revision: -1,
  locale: 'zh-CN',
  screen: { name: 'outOfService', fault: 'starting' },
};

/** @param incoming `null` when the core is gone: where we are is still true, who and what is not. */
export function nextView(previous: View, incoming: Snapshot | null): View {
  if (incoming !== null) return incoming;
  return {
    revision: -1,
    locale: previous.locale,
    hall: previous.hall,
    counter: previous.counter,
    screen: { name: 'outOfService', fault: 'core' },
  };
}

/** The invitation that a press on this screen belongs to. */
export function invitationOf(screen: Screen): InvitationId | null {
  return 'invitation' in screen ? screen.invitation : null;
}

/** A finger that came down on another page than this one must not act on this one. */
export function isSamePage(a: Screen, b: Screen): boolean {
  return a.name === b.name && invitationOf(a) === invitationOf(b);
}
