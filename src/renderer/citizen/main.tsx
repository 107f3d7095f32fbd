import '../components/style.css';
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { catalogueOf } from '../catalogue/catalogue.ts';
import { lockDownGestures } from '../components/gestures.ts';
import { createActs, NO_ACTS } from './acts.ts';
import { CitizenScreen } from './citizen-screen.tsx';
import { hearCorner } from './corner.ts';
import { FIRST_VIEW, nextView, type View } from './view.ts';
import { warmFonts } from './warm-fonts.ts';

/** Entry of the citizen screen: it draws what the core says and passes on what is pressed; it decides nothing. */
const view = signal<View>(FIRST_VIEW);
const bridge = window.yiping;
const { acts, viewChanges } =
  bridge === undefined ? { acts: NO_ACTS, viewChanges: () => {} } : createActs({ bridge, view });

effect(() => {
  document.documentElement.lang = view.value.locale;
  document.title = catalogueOf(view.value.locale).brand;
});

if (bridge === undefined) {
  view.value = nextView(FIRST_VIEW, null);
} else {
  hearCorner(document, (held) => {
    // Whether it was heard is the core's affair; a page without a core has no staff screen.
    bridge.corner({ held }).catch(() => {});
  });
  bridge.onSnapshot((snapshot) => {
    const next = nextView(view.value, snapshot);
    viewChanges(view.value, next);
    view.value = next;
  });
}

function Page() {
  return <CitizenScreen view={view.value} acts={acts} />;
}

lockDownGestures(document);
const mount = document.getElementById('screen');
if (mount === null) throw new Error('citizen/index.html has no element #screen to draw in');
render(<Page />, mount);
requestIdleCallback(() => {
  // A slice that cannot be read shows as the machine's own letters; that is no reason to stop.
  warmFonts(document.fonts).catch((error: unknown) =>
    console.error('a slice of the font cannot be read', error),
  );
});
