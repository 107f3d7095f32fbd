import { type BrowserWindow, session, WebContentsView } from 'electron';
import { APP_SCHEME, STAFF_PAGE } from './app-scheme.ts';
import type { CameraGate } from './camera-gate.ts';
import { type CameraRule, lockSession } from './lock-down.ts';

/**
 * The staff screen: a page of its own over the citizen's, in the same window, so that no window manager can put it
 * elsewhere. It has a session of its own, hence a process of its own: the citizen's page shares nothing with it. It lives
 * as long as the core wants it and not longer; one that dies or hangs is not loaded again.
 */
export interface StaffView {
  show(): void;
  hide(): void;
}

/** In memory only: it leaves nothing behind. */
const PARTITION = 'staff';

export function createStaffView(parts: {
  readonly window: BrowserWindow;
  readonly preload: string;
  readonly files: Parameters<Electron.Protocol['handle']>[1];
  /** The bench has a keyboard, a hall has none. */
  readonly hearsKeys: boolean;
  /** Whether the core lends the camera; the page has it for no longer than it stands here. */
  readonly camera: CameraGate;
  readonly onLoaded: (contents: Electron.WebContents) => void;
  readonly log: (text: string) => void;
}): StaffView {
  const { window, camera } = parts;
  let view: WebContentsView | null = null;
  let own: Electron.Session | null = null;

  const isShown = (contents: Electron.WebContents | null) =>
    contents !== null && contents === view?.webContents && contents.getURL() === STAFF_PAGE;
  const cameraRule: CameraRule = {
    ask(contents, answer) {
      if (isShown(contents)) camera.ask(answer);
      else answer(false);
    },
    isLent: (contents) => isShown(contents) && camera.isLent(),
  };

  /** Made at the first use: a kiosk that nobody opens the screen on pays nothing for it. */
  function ownSession(): Electron.Session {
    if (own) return own;
    own = session.fromPartition(PARTITION);
    lockSession(own, cameraRule);
    own.protocol.handle(APP_SCHEME, parts.files);
    return own;
  }

  function cover(): void {
    const { width, height } = window.getContentBounds();
    view?.setBounds({ x: 0, y: 0, width, height });
  }

  function hide(): void {
    camera.lend(false);
    const shown = view;
    if (!shown) return;
    view = null;
    if (window.isDestroyed()) return;
    window.contentView.removeChildView(shown);
    if (!shown.webContents.isDestroyed()) shown.webContents.close();
    window.webContents.focus();
  }

  window.on('resize', cover);
  window.on('closed', hide);

  return {
    show() {
      if (view || window.isDestroyed()) return;
      const made = new WebContentsView({
        webPreferences: {
          session: ownSession(),
          preload: parts.preload,
          sandbox: true,
          contextIsolation: true,
          nodeIntegration: false,
          webSecurity: true,
          spellcheck: false,
          enableWebSQL: false,
          disableDialogs: true,
          backgroundThrottling: false,
        },
      });
      view = made;
      const { webContents } = made;
      const fail = (what: string) => {
        if (view !== made) return;
        parts.log(`the staff page ${what}; it is taken away`);
        hide();
      };
      if (!parts.hearsKeys)
        webContents.on('before-input-event', (event, { key }) => {
          // A scanner types what it read: signs and a line's end. Nothing else has a keyboard here.
          if (key.length !== 1 && key !== 'Enter' && key !== 'Shift') event.preventDefault();
        });
      webContents.on('render-process-gone', (_event, { reason }) => fail(`is gone: ${reason}`));
      webContents.on('unresponsive', () => fail('hangs'));
      webContents.on('did-fail-load', (_event, _code, description, _address, isMainFrame) => {
        if (isMainFrame) fail(`could not be loaded: ${description}`);
      });
      webContents.once('dom-ready', () => {
        if (view === made) parts.onLoaded(webContents);
      });
      window.contentView.addChildView(made);
      cover();
      webContents.focus();
      // How it ends is told by the events above.
      webContents.loadURL(STAFF_PAGE).catch(() => {});
    },
    hide,
  };
}
