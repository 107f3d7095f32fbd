/** Why a pairing did not come about; the sentences, with what helps, are the staff screen's. */
export const PAIRING_FAULTS = [
  /** What was scanned or typed is no address or code of a queue system. */
  'notAnOffer',
  /** Without encryption, and the site does not allow it. */
  'plainHttp',
  'unreachable',
  'silent',
  'tls',
  /** Another certificate than the QR code or the technician named. */
  'otherCertificate',
  'redirected',
  'oversized',
  /** It answers, but not in this protocol. */
  'notPairing',
  'otherVersion',
  'codeWrong',
  'codeExpired',
  'tooManyTries',
  'counterUnknown',
  'counterTaken',
  /** Its settings are not such as this tablet can follow. */
  'settings',
  /** It has nothing of that for a tablet, or is busy. */
  'refused',
  'notStored',
] as const;
export type PairingFault = (typeof PAIRING_FAULTS)[number];
