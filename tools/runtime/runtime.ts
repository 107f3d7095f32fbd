/**
 * Runtime: which Electron runs on this machine, and starting it as the right user. For tools and tests; product
 * code must not know of it. `resolveRuntime` decides and prepares; `launchElectron`, `electronCommand` and
 * `playwrightElectron` start. Expected failures are thrown as `Trouble`, whose message says what to do.
 */
export {
  type ElectronCall,
  type ElectronCommand,
  electronCommand,
  launchElectron,
  launchPacked,
  type PackedCall,
  type PlaywrightLaunch,
  playwrightElectron,
} from './launch.ts';
export { makeFolderForKiosk, type OrdinaryUser, ordinaryUser } from './ordinary-user.ts';
export { type Runtime, resolveRuntime } from './resolve-runtime.ts';
export { Trouble } from './trouble.ts';
