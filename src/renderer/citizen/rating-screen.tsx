import type { Screen } from '../../shared/screen/snapshot.ts';
import type { Level } from '../../shared/words.ts';
import { type Catalogue, catalogueOf } from '../catalogue/catalogue.ts';
import { InlineSvg } from '../components/inline-svg.tsx';
import { SpanLine } from '../components/span-line.tsx';
import { ActButton, isShown } from './act-button.tsx';
import type { Acts } from './acts.ts';
import { FACES } from './levels.ts';
import { PageFrame } from './page-frame.tsx';
import { TicketLine } from './ticket-line.tsx';
import type { View } from './view.ts';

type Rating = Extract<Screen, { name: 'inviting' | 'chosen' }>;

/** The face under the finger is drawn chosen at once, and only one is. */
export function shownLevel(acts: Acts, screen: Rating): Level | null {
  const act = acts.shown.value;
  if (act?.verb === 'choose') return act.level;
  return screen.name === 'chosen' ? screen.level : null;
}

function headingOf(text: Catalogue, screen: Rating): string {
  return screen.name === 'chosen' ? text.chosen.recorded(text.levels[screen.level]) : text.inviting.question;
}

function hintOf(text: Catalogue, screen: Rating, unanswered: boolean): string {
  if (unanswered) return text.notRecorded;
  return screen.name === 'chosen'
    ? text.chosen.change(Math.round(screen.span.totalMs / 1000))
    : text.inviting.howTo;
}

interface RatingScreenProps {
  readonly view: View;
  readonly acts: Acts;
  readonly screen: Rating;
}

/**
 * Inviting and chosen are one page: a choice fills a face and changes the words, and nothing moves. The page is
 * the same to the pixel in size, place, colour and time for all five levels.
 */
export function RatingScreen({ view, acts, screen }: RatingScreenProps) {
  const text = catalogueOf(view.locale);
  const filled = shownLevel(acts, screen);
  return (
    <PageFrame view={view} acts={acts} page="rating" showsCounter offersLanguage>
      <TicketLine ticketNumber={screen.ticketNumber} taskName={screen.taskName} locale={view.locale} />
      <h1 class="page__title" aria-live="polite">
        {headingOf(text, screen)}
      </h1>
      <p class="page__hint" aria-live="polite">
        {hintOf(text, screen, acts.unanswered.value)}
      </p>
      <fieldset class="faces" key={screen.invitation}>
        <legend class="visually-hidden">{text.inviting.faces}</legend>
        {FACES.map(({ level, svg }) => (
          <ActButton
            key={level}
            act={{ verb: 'choose', level }}
            acts={acts}
            class={filled === level ? 'face face--filled' : 'face'}
            aria={{ 'aria-pressed': filled === level }}
          >
            <InlineSvg svg={svg} class="face__drawing" />
            <span class="face__label">{text.levels[level]}</span>
          </ActButton>
        ))}
      </fieldset>
      <SpanLine span={screen.span} revision={view.revision} />
      <div class="page__actions">
        {screen.name === 'chosen' ? (
          <ActButton
            key="confirm"
            act={{ verb: 'confirm' }}
            acts={acts}
            class={isShown(acts, 'confirm') ? 'main-button main-button--down' : 'main-button'}
          >
            {text.chosen.confirm}
          </ActButton>
        ) : (
          <ActButton
            key="decline"
            act={{ verb: 'decline' }}
            acts={acts}
            class={isShown(acts, 'decline') ? 'quiet-button quiet-button--down' : 'quiet-button'}
          >
            {text.inviting.decline}
          </ActButton>
        )}
      </div>
    </PageFrame>
  );
}
