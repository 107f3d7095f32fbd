import type { Fault, Screen } from '../../shared/screen/snapshot.ts';
import { catalogueOf, nameIn } from '../catalogue/catalogue.ts';
import { FigureLine } from '../components/figure-line.tsx';
import { Phrase } from '../components/phrase.tsx';
import { Stars } from '../components/stars.tsx';
import type { Acts } from './acts.ts';
import { PageFrame } from './page-frame.tsx';
import type { View } from './view.ts';

interface ScreenProps {
  readonly view: View;
  readonly acts: Acts;
}

function ClerkCard({ view }: { readonly view: View }) {
  const { clerk } = view;
  if (clerk === undefined) return null;
  const text = catalogueOf(view.locale);
  const name = clerk.name ?? text.clerkNumber(clerk.number);
  return (
    <div class="clerk">
      <span class="clerk__name">{name}</span>
      {clerk.name === undefined ? null : <span class="clerk__number">{text.clerkNumber(clerk.number)}</span>}
      {clerk.stars === undefined ? null : <Stars count={clerk.stars} label={text.clerkStars(clerk.stars)} />}
    </div>
  );
}

export function IdleScreen({ view, acts }: ScreenProps) {
  const text = catalogueOf(view.locale);
  const { counter } = view;
  const isPlainNumber = counter !== undefined && /^[\w-]+$/.test(counter.number);
  return (
    <PageFrame view={view} acts={acts} page="idle" showsCounter={false} offersLanguage>
      {counter === undefined ? null : (
        <FigureLine
          before={isPlainNumber ? text.counter.before : ''}
          figure={counter.number}
          after={isPlainNumber ? text.counter.after : ''}
        />
      )}
      {counter?.name === undefined ? null : (
        <p class="page__under-hero">{nameIn(view.locale, counter.name)}</p>
      )}
      <ClerkCard view={view} />
      <p class="page__foot">{text.idle.rateLater}</p>
    </PageFrame>
  );
}

type Serving = Extract<Screen, { name: 'serving' }>;

export function ServingScreen({ view, acts, screen }: ScreenProps & { readonly screen: Serving }) {
  const text = catalogueOf(view.locale);
  return (
    <PageFrame view={view} acts={acts} page="serving" showsCounter offersLanguage>
      {screen.ticketNumber === undefined ? (
        <h1 class="page__title">{text.serving.withoutNumber}</h1>
      ) : (
        <FigureLine before={text.serving.before} figure={screen.ticketNumber} after={text.serving.after} />
      )}
      {screen.queueName === undefined ? null : <p class="page__under-hero">{screen.queueName}</p>}
      <ClerkCard view={view} />
      <p class="page__foot">{text.idle.rateLater}</p>
    </PageFrame>
  );
}

export function PausedScreen({ view, acts }: ScreenProps) {
  const text = catalogueOf(view.locale).paused;
  return (
    <PageFrame view={view} acts={acts} page="notice" showsCounter offersLanguage>
      <h1 class="page__title">{text.title}</h1>
      <p class="page__advice">
        <Phrase text={text.advice} locale={view.locale} />
      </p>
    </PageFrame>
  );
}

/** Says plainly what the citizen can do now; the technician's code is on the technician's screen. */
export function OutOfServiceScreen({ view, acts, fault }: ScreenProps & { readonly fault: Fault }) {
  const text = catalogueOf(view.locale).outOfService[fault];
  const hasCore = view.revision >= 0;
  const isBeforeFirstWord = fault === 'starting' && !hasCore;
  return (
    <PageFrame
      view={view}
      acts={acts}
      page={isBeforeFirstWord ? 'notice page--before-first-word' : 'notice'}
      showsCounter
      offersLanguage={hasCore}
    >
      <h1 class="page__title">{text.title}</h1>
      <p class="page__advice">
        <Phrase text={text.advice} locale={view.locale} />
      </p>
      {text.reason === '' ? null : (
        <p class="page__foot">
          <Phrase text={text.reason} locale={view.locale} />
        </p>
      )}
    </PageFrame>
  );
}
