import type { StaffBridge } from '../../shared/screen/staff-contract.ts';

declare global {
  interface Window {
    /** Exposed by the staff preload; absent when the page is opened outside the kiosk. */
    readonly yipingStaff?: StaffBridge;
  }
}
