import type { CitizenBridge } from '../../shared/screen/contract.ts';

declare global {
  interface Window {
    /** Exposed by the preload; absent when the page is opened outside the kiosk. */
    readonly yiping?: CitizenBridge;
  }
}
