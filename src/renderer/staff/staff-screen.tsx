import type { StaffScreen as Screen, StaffSnapshot } from '../../shared/screen/staff-snapshot.ts';
import { staffCatalogueOf } from '../catalogue/staff-catalogue.ts';
import { assertNever } from '../components/assert-never.ts';
import type { StaffHands } from './hands.ts';
import { LockScreen } from './lock-screen.tsx';
import { NowLine } from './now-line.tsx';
import { StaffButton } from './staff-button.tsx';
import { StaffHeader } from './staff-header.tsx';
import { type OpenScreen, PAGES } from './staff-pages.tsx';

interface StaffScreenProps {
  readonly snapshot: StaffSnapshot;
  readonly hands: StaffHands;
}

/** The staff screen as a function of the snapshot and of what has been typed. */
export function StaffScreen({ snapshot, hands }: StaffScreenProps) {
  const screen: Screen = snapshot.screen;
  switch (screen.name) {
    case 'locked':
      return <LockScreen snapshot={snapshot} screen={screen} hands={hands} />;
    case 'open':
      return <Open snapshot={snapshot} screen={screen} hands={hands} />;
    default:
      return assertNever(screen);
  }
}

function Open({ snapshot, screen, hands }: StaffScreenProps & { readonly screen: OpenScreen }) {
  const text = staffCatalogueOf(snapshot.locale);
  const Page = PAGES[screen.page];
  return (
    <div class="staff">
      <StaffHeader snapshot={snapshot} hands={hands} leave={text.leave} />
      <NowLine screen={screen} text={text} refusal={hands.refusal.value} />
      <main class="staff-main">
        <Page screen={screen} text={text} hands={hands} />
      </main>
      <nav class="staff-bar">
        <div class="staff-bar__tabs">
          {screen.pages.map((page) => (
            <StaffButton
              key={page}
              class={page === screen.page ? 'staff-tab staff-tab--here' : 'staff-tab'}
              aria={page === screen.page ? { 'aria-current': 'page' } : {}}
              onPress={() => hands.act((core) => core.show({ page, leaf: 0 }))}
            >
              {text.pages[page]}
            </StaffButton>
          ))}
        </div>
        <Acts screen={screen} hands={hands} text={text} />
      </nav>
    </div>
  );
}

function Acts({ screen, hands, text }: Parameters<(typeof PAGES)['day']>[0]) {
  const { doing, invitation } = screen.now;
  const isPaused = doing === 'paused';
  if (doing === 'notRunning') return null;
  return (
    <div class="staff-bar__acts">
      {invitation === undefined ? null : (
        <StaffButton class="staff-button" onPress={() => hands.act((core) => core.recall({ invitation }))}>
          {text.acts.recall}
        </StaffButton>
      )}
      <StaffButton
        class="staff-button staff-button--main"
        onPress={() => hands.act((core) => (isPaused ? core.resume({}) : core.pause({})))}
      >
        {isPaused ? text.acts.resume : text.acts.pause}
      </StaffButton>
    </div>
  );
}
