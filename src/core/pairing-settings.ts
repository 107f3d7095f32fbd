/** What a site decides about pairing the tablet with its queue system (docs/pairing.md). */
export interface PairingSettings {
  /** The page is there at all. */
  readonly offered: boolean;
  /** The pairing itself may go over the network without encryption. */
  readonly plainHttp: boolean;
}
export const DEFAULT_PAIRING_SETTINGS: PairingSettings = { offered: true, plainHttp: false };
