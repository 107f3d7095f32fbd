/**
 * The session's named delays in ms; a site may set each (config: `delays`). At most one runs at a time, and it
 * belongs to the phase of the same name.
 */
export interface Delays {
  /** How long an invitation stays open. Provincial pages: 60 s; serial evaluators: 10 s (docs: domain). */
  readonly inviting: number;
  /** How long a choice can be changed with one press. */
  readonly chosen: number;
  /** How long the reasons are asked for; starts again with every tick. */
  readonly details: number;
  readonly thanks: number;
}
export type DelayName = keyof Delays;

export const DEFAULT_DELAYS: Delays = { inviting: 30_000, chosen: 3_000, details: 30_000, thanks: 8_000 };

/** A choice may be changed this often; then it stands. Keeps a child's hand from holding the screen for ever. */
export const MAX_CHANGES = 5;
