/** What a site decides about the staff screen. */
export interface StaffSettings {
  readonly idleMs: number;
  readonly setPinOnScreen: boolean;
}
export const DEFAULT_STAFF_SETTINGS: StaffSettings = { idleMs: 60_000, setPinOnScreen: false };
