import { useEffect, useRef } from 'preact/hooks';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import type { StaffHands } from './hands.ts';
import { StaffButton } from './staff-button.tsx';

interface PairingCameraProps {
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/** The camera's picture for as long as this stands on the page: whatever takes it away turns the camera off. */
export function PairingCamera({ text, hands }: PairingCameraProps) {
  const words = text.pairing;
  const { ask, look } = hands.pairing;
  const picture = useRef<HTMLVideoElement>(null);
  useEffect(() => (picture.current === null ? undefined : look(picture.current)), [look]);
  return (
    <section class="pairing-camera">
      <div class="pairing-camera__frame">
        <video ref={picture} class="pairing-camera__picture" autoplay muted playsInline />
      </div>
      <div class="pairing-camera__words">
        <h2>{words.hold}</h2>
        <p class="staff-quiet">{words.holdNote}</p>
        <StaffButton class="staff-button" onPress={() => ask({ act: 'stop' })}>
          {words.stop}
        </StaffButton>
      </div>
    </section>
  );
}
