/** What a site decides about pairing the tablet with its queue system (docs/pairing.md). */
export interface PairingSettings {
  /** The page is there at all. */
  readonly offered: boolean;
  /** The pairing itself may go over the network without encryption. */
  readonly plainHttp: boolean;
  /** The page may look over the local network for queue systems that offer pairing. */
  readonly search: boolean;
  /** The page may read the queue system's QR code with the tablet's camera. */
  readonly camera: boolean;
  /** An address of this machine whose network is searched; without it all of them but its own. */
  readonly searchFrom?: string | undefined;
  /** Another port than that of multicast DNS. */
  readonly searchPort?: number | undefined;
}
export const DEFAULT_PAIRING_SETTINGS: PairingSettings = {
  offered: true,
  plainHttp: false,
  search: false,
  camera: false,
};
