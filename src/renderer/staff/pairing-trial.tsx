import type { PairingCheck, StaffPairing } from '../../shared/screen/staff-pairing.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import type { StaffHands } from './hands.ts';
import { Shape, type ShapeName } from './shape.tsx';
import { StaffButton } from './staff-button.tsx';

const SHAPES = {
  waiting: 'way',
  good: 'there',
  bad: 'gone',
  off: 'gone',
  none: 'rest',
} as const satisfies Record<PairingCheck['state'], ShapeName>;

interface PairingTrialProps {
  readonly stage: Extract<StaffPairing['stage'], { name: 'trial' }>;
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/** The live list, and the one button that makes it true. */
export function PairingTrial({ stage, text, hands }: PairingTrialProps) {
  const words = text.pairing;
  const { ask } = hands.pairing;
  return (
    <section class="pairing-trial">
      <h2>
        {stage.system} · {stage.kind}
      </h2>
      <table class="staff-table pairing-table">
        <thead>
          <tr>
            <th scope="col">{words.check}</th>
            <th scope="col">{words.result}</th>
            <th scope="col">{words.after}</th>
            <th scope="col">{words.remark}</th>
          </tr>
        </thead>
        <tbody>
          {stage.checks.map((check) => (
            <tr key={check.name}>
              <td class="staff-table__name">{words.checks[check.name]}</td>
              <td>
                <span class="staff-mark">
                  <Shape name={SHAPES[check.state]} />
                  {words.states[check.state]}
                </span>
              </td>
              <td>{check.ms === undefined ? '' : words.seconds((check.ms / 1_000).toFixed(1))}</td>
              <td>
                <span class="staff-table__remark">{remarkOn(check, text)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="pairing-acts">
        <p class="staff-quiet">{words.acceptNote}</p>
        <StaffButton class="staff-button" onPress={() => ask({ act: 'stop' })}>
          {words.stop}
        </StaffButton>
        {stage.mayAccept ? (
          <StaffButton
            class="staff-key staff-key--main pairing-accept"
            onPress={() => ask({ act: 'accept' })}
          >
            {words.accept}
          </StaffButton>
        ) : null}
      </div>
    </section>
  );
}

function remarkOn(check: PairingCheck, { pairing: words }: StaffCatalogue) {
  if (check.reason !== undefined) return <span lang="zh-CN">{check.reason}</span>;
  if (check.offsetMs !== undefined) {
    const seconds = (Math.abs(check.offsetMs) / 1_000).toFixed(1);
    return check.state === 'off' ? words.clockOff(seconds) : words.clockBy(seconds);
  }
  if (check.text !== undefined) return check.text;
  if (check.name === 'lastTicket' && check.state === 'none') return words.noTicket;
  if (check.name !== 'testCall') return '';
  if (check.state === 'none') return words.noTest;
  return check.state === 'bad' ? words.testRefused : words.testWaiting;
}
