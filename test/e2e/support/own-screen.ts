import { startScreen } from '../../support/xvfb.ts';

/** A screen in memory for the whole run, so that windows come up the same on every machine. */
export default async function ownScreen(): Promise<() => Promise<void>> {
  const screen = await startScreen({ width: 1280, height: 1280 });
  process.env['DISPLAY'] = screen.display;
  delete process.env['WAYLAND_DISPLAY'];
  return screen.stop;
}
