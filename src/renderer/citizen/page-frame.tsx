import type { ComponentChildren } from 'preact';
import emblem from '../../../assets/icons/emblem.svg?raw';
import { catalogueOf, nameIn, otherLocale } from '../catalogue/catalogue.ts';
import { InlineSvg } from '../components/inline-svg.tsx';
import { ActButton, isShown } from './act-button.tsx';
import type { Acts } from './acts.ts';
import type { View } from './view.ts';

interface PageFrameProps {
  readonly view: View;
  readonly acts: Acts;
  /** Names the grid of the page in the style sheet. */
  readonly page: string;
  /** Screens whose hero is the counter number do not say it twice. */
  readonly showsCounter: boolean;
  /** Without a core there is nobody to speak the other language to. */
  readonly offersLanguage: boolean;
  readonly children: ComponentChildren;
}

/** What stays in its place on every screen: whose hall, which counter, which language. */
export function PageFrame({ view, acts, page, showsCounter, offersLanguage, children }: PageFrameProps) {
  const text = catalogueOf(view.locale);
  const other = otherLocale(view.locale);
  return (
    <div class={`page page--${page}`}>
      <header class="page__header">
        <InlineSvg svg={emblem} class="emblem" />
        <span class="page__hall">
          {view.hall === undefined ? text.brand : nameIn(view.locale, view.hall)}
        </span>
        {showsCounter && view.counter !== undefined ? (
          <span class="page__counter">{text.counterLabel(view.counter.number)}</span>
        ) : null}
        {offersLanguage ? (
          <ActButton
            act={{ verb: 'speak', locale: other }}
            acts={acts}
            class={isShown(acts, 'speak') ? 'quiet-button quiet-button--down' : 'quiet-button'}
            lang={other}
          >
            {text.otherLanguage}
          </ActButton>
        ) : null}
      </header>
      <main class="page__main">{children}</main>
    </div>
  );
}
