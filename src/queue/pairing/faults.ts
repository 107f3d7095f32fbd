/** Why a pairing did not come about: the same words as on the staff screen. */
export {
  PAIRING_TROUBLES as PAIRING_FAULTS,
  type PairingTrouble as PairingFault,
} from '../../shared/screen/staff-pairing.ts';
