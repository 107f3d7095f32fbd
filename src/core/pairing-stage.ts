import { type PairingAddress, type PairingFault, shortFingerprint } from '../queue/pairing.ts';
import type { StaffPairing } from '../shared/screen/staff-pairing.ts';
import { assertNever } from '../shared/words.ts';
import type { Candidate } from './paired.ts';
import type { PairingTrial } from './pairing-trial.ts';
import { checksOf, mayAccept, type PairingGround } from './pairing-view.ts';

/** How far a pairing has come. */
export type Stage =
  | {
      readonly name: 'none';
      readonly trouble?: PairingFault;
      readonly detail?: string;
      readonly address?: string;
    }
  | { readonly name: 'camera' }
  | { readonly name: 'asking'; readonly address: PairingAddress }
  | {
      readonly name: 'code';
      readonly address: PairingAddress;
      /** Of the certificate that it showed; what is sent goes to that one or to nobody. */
      readonly fingerprint: string | undefined;
      readonly trouble?: PairingFault;
    }
  | {
      readonly name: 'trial';
      readonly ground: PairingGround;
      readonly candidate: Candidate;
      readonly trial: PairingTrial;
      readonly fingerprint: string | undefined;
    };

/** The same as the staff screen may see it: no code, no secret. */
export function stageView(stage: Stage): StaffPairing['stage'] {
  switch (stage.name) {
    case 'none':
    case 'camera':
      return { ...stage };
    case 'asking':
      return { name: 'asking', address: stage.address.origin };
    case 'code':
      return {
        name: 'code',
        address: stage.address.origin,
        ...(stage.fingerprint === undefined ? {} : { fingerprint: shortFingerprint(stage.fingerprint) }),
        ...(stage.trouble === undefined ? {} : { trouble: stage.trouble }),
      };
    case 'trial': {
      const { ground, trial } = stage;
      const findings = trial.findings();
      return {
        name: 'trial',
        system: ground.grant.system,
        kind: ground.kind,
        address: ground.origin,
        checks: checksOf(ground, findings),
        mayAccept: mayAccept(ground, findings),
      };
    }
    default:
      return assertNever(stage);
  }
}
