import type { Screen } from '../../shared/screen/snapshot.ts';
import { catalogueOf } from '../catalogue/catalogue.ts';
import { Phrase } from '../components/phrase.tsx';
import { QrCode } from '../components/qr-code.tsx';
import { SpanLine } from '../components/span-line.tsx';
import type { Acts } from './acts.ts';
import { PageFrame } from './page-frame.tsx';
import type { View } from './view.ts';

interface ThanksScreenProps {
  readonly view: View;
  readonly acts: Acts;
  readonly screen: Extract<Screen, { name: 'thanks' }>;
}

/** Thanks for the rating, whichever it was: the level never comes back on the screen. */
export function ThanksScreen({ view, acts, screen }: ThanksScreenProps) {
  const text = catalogueOf(view.locale).thanks;
  const { receipt } = screen;
  return (
    <PageFrame view={view} acts={acts} page="thanks" showsCounter offersLanguage>
      <div class="thanks__words">
        <h1 class="page__title">{text.title}</h1>
        <div>
          <p>
            <span class="receipt__word">{text.receipt}</span>
            <span class="receipt__figure">{receipt.code}</span>
          </p>
          {receipt.qr && (
            <p class="receipt__scan">
              <Phrase text={text.scan} locale={view.locale} />
            </p>
          )}
        </div>
      </div>
      {receipt.qr && <QrCode size={receipt.qr.size} path={receipt.qr.path} label={text.qr} />}
      <SpanLine span={screen.span} revision={view.revision} />
    </PageFrame>
  );
}
