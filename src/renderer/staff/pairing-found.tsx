import type { StaffPairing } from '../../shared/screen/staff-pairing.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import type { StaffHands } from './hands.ts';
import { StaffButton } from './staff-button.tsx';

interface PairingFoundProps {
  readonly search: NonNullable<StaffPairing['search']>;
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/** What the local network answered: one press takes one, and its address is then as good as a typed one, not better. */
export function PairingFound({ search, text, hands }: PairingFoundProps) {
  const words = text.pairing;
  const { ask } = hands.pairing;
  const { state, found } = search;
  const isSearching = state === 'searching';
  return (
    <div class="pairing-found" aria-live="polite">
      {found.map(({ name, address }) => (
        <StaffButton
          key={address}
          class="staff-key pairing-found__one"
          onPress={() => ask({ act: 'ask', address })}
        >
          <bdi class="pairing-found__name">{name || words.unnamed}</bdi>
          <span class="pairing-found__address">{address}</span>
        </StaffButton>
      ))}
      {found.length > 0 ? null : <p class="staff-quiet pairing-found__none">{words.searches[state]}</p>}
      {isSearching && found.length === 0 ? null : (
        <div class="pairing-found__again">
          {isSearching ? (
            <p class="staff-quiet">{words.searches.searching}</p>
          ) : (
            <StaffButton class="staff-button" onPress={() => ask({ act: 'search' })}>
              {state === 'untried' ? words.search : words.searchAgain}
            </StaffButton>
          )}
        </div>
      )}
    </div>
  );
}
