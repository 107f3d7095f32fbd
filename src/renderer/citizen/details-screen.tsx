import type { Indicator } from '../../shared/indicators.ts';
import type { Screen } from '../../shared/screen/snapshot.ts';
import { catalogueOf } from '../catalogue/catalogue.ts';
import { Phrase } from '../components/phrase.tsx';
import { SpanLine } from '../components/span-line.tsx';
import { ActButton, isShown } from './act-button.tsx';
import type { Acts } from './acts.ts';
import { PageFrame } from './page-frame.tsx';
import type { View } from './view.ts';

type Details = Extract<Screen, { name: 'details' }>;

/** A chip under the finger is drawn as it will be. */
export function isTicked(acts: Acts, screen: Details, { code }: Indicator): boolean {
  const act = acts.shown.value;
  const ticked = screen.ticked.includes(code);
  return act?.verb === 'tick' && act.code === code ? !ticked : ticked;
}

/** Drawn as asked for while the finger is on it; once asked for, it stays. */
export function isHelpShown(acts: Acts, screen: Details): boolean {
  return screen.helpRequested || isShown(acts, 'help');
}

interface DetailsScreenProps {
  readonly view: View;
  readonly acts: Acts;
  readonly screen: Details;
}

function TickBox() {
  return (
    <svg class="chip__box" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="2" y="2" width="28" height="28" rx="5" />
      <path d="M8.5 16.5 L14 22 L24 10.5" />
    </svg>
  );
}

/** The same grid, the same words around it and the same time for every level; the level itself is not shown. */
export function DetailsScreen({ view, acts, screen }: DetailsScreenProps) {
  const { locale } = view;
  const text = catalogueOf(locale);
  const asksForHelp = isHelpShown(acts, screen);
  const howTo = screen.keys ? text.details.howToByKeys : text.details.howTo;
  const noted = screen.helpRequested ? text.details.helpNoted : howTo;
  const hint = acts.unanswered.value ? text.notRecorded : noted;
  return (
    <PageFrame view={view} acts={acts} page="details" showsCounter offersLanguage>
      <h1 class="page__title">{text.details.question}</h1>
      <p class="page__hint" aria-live="polite">
        {hint === text.details.howToByKeys ? <span class="key-hints">{hint}</span> : hint}
      </p>
      <fieldset class="chips" key={screen.invitation}>
        <legend class="visually-hidden">{text.details.indicators}</legend>
        {screen.indicators.map((indicator, at) => {
          const focused = at === screen.focus;
          const ticked = isTicked(acts, screen, indicator);
          return (
            <ActButton
              key={indicator.code}
              act={{ verb: 'tick', code: indicator.code }}
              acts={acts}
              class={`chip${ticked ? ' chip--ticked' : ''}${focused ? ' chip--focused' : ''}`}
              aria={{ 'aria-pressed': ticked, ...(focused ? { 'aria-current': true } : {}) }}
            >
              <TickBox />
              <Phrase text={indicator.text[locale]} locale={locale} />
            </ActButton>
          );
        })}
      </fieldset>
      <SpanLine span={screen.span} revision={view.revision} />
      <div class="page__actions details__actions">
        <ActButton
          act={{ verb: 'help' }}
          acts={acts}
          class={asksForHelp ? 'chip chip--ticked help' : 'chip help'}
          aria={{ 'aria-pressed': asksForHelp }}
        >
          <TickBox />
          <Phrase text={text.details.help} locale={locale} />
        </ActButton>
        <ActButton
          act={{ verb: 'finish' }}
          acts={acts}
          class={isShown(acts, 'finish') ? 'main-button main-button--down' : 'main-button'}
        >
          {text.details.finish}
        </ActButton>
      </div>
    </PageFrame>
  );
}
