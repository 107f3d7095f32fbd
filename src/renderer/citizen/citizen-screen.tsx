import { assertNever } from '../components/assert-never.ts';
import type { Acts } from './acts.ts';
import { DetailsScreen } from './details-screen.tsx';
import { RatingScreen } from './rating-screen.tsx';
import { ThanksScreen } from './thanks-screen.tsx';
import type { View } from './view.ts';
import { IdleScreen, OutOfServiceScreen, PausedScreen, ServingScreen } from './waiting-screens.tsx';

/** The whole page as a function of the view and of what is under the finger. */
export function CitizenScreen({ view, acts }: { readonly view: View; readonly acts: Acts }) {
  const { screen } = view;
  switch (screen.name) {
    case 'idle':
      return <IdleScreen view={view} acts={acts} />;
    case 'serving':
      return <ServingScreen view={view} acts={acts} screen={screen} />;
    case 'inviting':
    case 'chosen':
      return <RatingScreen view={view} acts={acts} screen={screen} />;
    case 'details':
      return <DetailsScreen view={view} acts={acts} screen={screen} />;
    case 'thanks':
      return <ThanksScreen view={view} acts={acts} screen={screen} />;
    case 'paused':
      return <PausedScreen view={view} acts={acts} />;
    case 'outOfService':
      return <OutOfServiceScreen view={view} acts={acts} fault={screen.fault} />;
    default:
      return assertNever(screen);
  }
}
