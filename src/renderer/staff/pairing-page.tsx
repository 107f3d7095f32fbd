import { useEffect } from 'preact/hooks';
import type { StaffPairing } from '../../shared/screen/staff-pairing.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import { assertNever } from '../components/assert-never.ts';
import type { StaffHands } from './hands.ts';
import { PairingCamera } from './pairing-camera.tsx';
import { PairingCode } from './pairing-code.tsx';
import { PairingKeys } from './pairing-keys.tsx';
import { PairingTrial } from './pairing-trial.tsx';
import { StaffButton } from './staff-button.tsx';
import type { StaffPageProps } from './staff-pages.tsx';

interface PartProps {
  readonly pairing: StaffPairing;
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/** Pairing with the queue system: scan, take or type, look at the list, accept. */
export function PairingPage({ screen, text, hands }: StaffPageProps) {
  const { key } = hands.pairing;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      // A scanner's Enter must not press the button that was touched last.
      if (event.key.length === 1 || event.key === 'Enter') event.preventDefault();
      // Nor does it choose anything: the ring around what was touched last would say so.
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      key(event.key);
    };
    document.addEventListener('keydown', hear, { capture: true });
    return () => document.removeEventListener('keydown', hear, { capture: true });
  }, [key]);
  const { pairing } = screen;
  if (pairing === null) return null;
  const props = { pairing, text, hands };
  switch (pairing.stage.name) {
    case 'asking':
      return <Message {...props} title={text.pairing.asking(pairing.stage.address)} />;
    case 'camera':
      return <PairingCamera text={text} hands={hands} />;
    case 'code':
      return <PairingCode {...props} stage={pairing.stage} />;
    case 'trial':
      return <PairingTrial {...props} stage={pairing.stage} />;
    case 'none':
      return pairing.paired && !hands.pairing.again.value ? (
        <Paired {...props} paired={pairing.paired} />
      ) : (
        <PairingKeys {...props} stage={pairing.stage} />
      );
    default:
      return assertNever(pairing.stage);
  }
}

function Message({ title, text, hands }: PartProps & { readonly title: string }) {
  return (
    <section class="pairing-message" aria-live="polite">
      <h2>{title}</h2>
      <StaffButton class="staff-button" onPress={() => hands.pairing.ask({ act: 'stop' })}>
        {text.pairing.stop}
      </StaffButton>
    </section>
  );
}

function Paired({
  paired,
  pairing,
  text,
  hands,
}: PartProps & { readonly paired: NonNullable<StaffPairing['paired']> }) {
  const { stage } = pairing;
  const trouble = stage.name === 'none' ? stage.trouble : undefined;
  return (
    <section class="pairing-message">
      <h2>{text.pairing.paired(paired.system)}</h2>
      <p>
        {paired.kind} · {text.pairing.pairedAt(paired.at, paired.address)}
      </p>
      <p class="staff-quiet">
        {trouble === undefined ? text.pairing.overrides : text.pairing.troubles[trouble]}
      </p>
      <div class="pairing-acts">
        <StaffButton class="staff-button" onPress={hands.pairing.unpair}>
          {hands.pairing.sure.value ? text.pairing.unpairSure : text.pairing.unpair}
        </StaffButton>
        <StaffButton class="staff-button staff-button--main" onPress={hands.pairing.pairAgain}>
          {text.pairing.again}
        </StaffButton>
      </div>
    </section>
  );
}
