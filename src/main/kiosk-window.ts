import { BrowserWindow, screen } from 'electron';
import type { Clock } from '../shared/clock.ts';
import { CITIZEN_PAGE } from './app-scheme.ts';

/** The paper of the page (src/renderer/components/tokens.css), so that the first frame is not another colour. */
const PAPER = '#faf8f3';
/** Chromium's word for a load that another one took the place of. */
const ABORTED = -3;
const RELOAD_MS = { first: 100, most: 5_000, calmAfter: 30_000 };

/**
 * The one window. A page that dies or hangs is loaded again; `onLoaded` hands it a fresh port each time.
 */
export function openKioskWindow(parts: {
  readonly preload: string;
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly clock: Clock;
  readonly onLoaded: (contents: Electron.WebContents) => void;
  readonly log: (text: string) => void;
}): BrowserWindow {
  const { clock, size } = parts;
  const display = screen.getPrimaryDisplay().bounds;
  const window = new BrowserWindow({
    ...(size ? { width: size.width, height: size.height, x: 0, y: 0 } : display),
    useContentSize: true,
    kiosk: size === null,
    frame: false,
    resizable: false,
    show: false,
    backgroundColor: PAPER,
    webPreferences: {
      preload: parts.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      enableWebSQL: false,
      disableDialogs: true,
      autoplayPolicy: 'no-user-gesture-required',
      backgroundThrottling: false,
    },
  });
  window.setMenu(null);
  // Whoever plugs a keyboard into a locked kiosk types into nothing: our own pads come through their driver.
  if (size === null) window.webContents.on('before-input-event', (event) => event.preventDefault());
  window.once('ready-to-show', () => window.show());
  window.on('page-title-updated', (event) => event.preventDefault());

  let reloads = 0;
  let loadedAtMs = clock.monoMs();
  const load = () => {
    loadedAtMs = clock.monoMs();
    // How it ends is told by the events below.
    window.loadURL(CITIZEN_PAGE).catch(() => {});
  };
  const loadAgain = () => {
    if (clock.monoMs() - loadedAtMs > RELOAD_MS.calmAfter) reloads = 0;
    const waitMs = Math.min(RELOAD_MS.most, RELOAD_MS.first * 2 ** reloads);
    reloads++;
    clock.after(waitMs, () => {
      if (!window.isDestroyed()) load();
    });
  };

  window.webContents.on('render-process-gone', (_event, details) => {
    parts.log(`the citizen page's process is gone: ${details.reason}; loaded again`);
    loadAgain();
  });
  window.webContents.on('did-fail-load', (_event, code, description, _address, isMainFrame) => {
    if (!isMainFrame || code === ABORTED) return;
    parts.log(`the citizen page could not be loaded: ${description}; tried again`);
    loadAgain();
  });
  window.on('unresponsive', () => {
    parts.log('the citizen page hangs; it is ended and loaded again');
    window.webContents.forcefullyCrashRenderer();
  });
  // The page's script has run by then; waiting for its fonts and pictures too would cost a twentieth of a second.
  window.webContents.on('dom-ready', () => parts.onLoaded(window.webContents));
  load();
  return window;
}
