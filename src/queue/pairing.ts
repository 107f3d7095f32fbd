/**
 * Pairing with a queue system, as the core uses it (docs/pairing.md): offers read, calls made, secrets sealed. When to
 * do what, and what is shown of it, is the core's (src/core/pairing.ts).
 */
export type { FoundPairing } from './pairing/announcement.ts';
export { callPairing, lookAtCertificate, type PairingReply, type Underway } from './pairing/call.ts';
export { PAIRING_FAULTS, type PairingFault } from './pairing/faults.ts';
export {
  CODE_PATTERN,
  isOwnMachine,
  MAX_OFFER_CHARS,
  type PairingAddress,
  type PairingOffer,
  readPairingAddress,
  readPairingOffer,
  shortFingerprint,
} from './pairing/offer.ts';
export { newSealKey, SEAL_KEY_FILE, sealSecret } from './pairing/sealed-secret.ts';
export { type SearchEnd, searchForPairing } from './pairing/search.ts';
export { isTestCall, testTicketNumber, ticketNumberOf } from './pairing/test-ticket.ts';
export {
  PAIRED_FILES,
  PAIRING_PATHS,
  type PairAnswer,
  type PairedFile,
  type PairingAsk,
  type PairingGrant,
  type PairingStep,
  readPairAnswer,
  writePairAsk,
  writePairStep,
} from './pairing/wire.ts';
