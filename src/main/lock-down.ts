import { type App, Menu, type Session, type WebContents } from 'electron';

const FOREIGN = ['http', 'https', 'ws', 'wss', 'ftp'].map((scheme) => `${scheme}://*/*`).concat('file:///*');

/** Which page may have pictures of the camera, and when. */
export interface CameraRule {
  /** Answers, perhaps a moment later. */
  ask(contents: WebContents, answer: (granted: boolean) => void): void;
  isLent(contents: WebContents | null): boolean;
}

/**
 * The page asks for nothing and reaches nothing but its own files.
 * @param camera the one exception: pictures, never sound, for the page itself and no frame in it.
 */
export function lockSession(session: Session, camera?: CameraRule): void {
  session.setPermissionRequestHandler((contents, permission, callback, details) => {
    if (camera && permission === 'media' && isPicturesAlone(details)) camera.ask(contents, callback);
    else callback(false);
  });
  session.setPermissionCheckHandler(
    (contents, permission, _origin, { mediaType, isMainFrame }) =>
      permission === 'media' && mediaType === 'video' && isMainFrame && camera?.isLent(contents) === true,
  );
  session.setDevicePermissionHandler(() => false);
  // No network for the page at all: what a rating needs goes through the core. Only foreign addresses are asked
  // about, so that our own files do not take a detour at start.
  session.webRequest.onBeforeRequest({ urls: FOREIGN }, (_details, callback) => callback({ cancel: true }));
  session.on('will-download', (event) => event.preventDefault());
}

function isPicturesAlone(details: {
  readonly isMainFrame: boolean;
  readonly mediaTypes?: readonly string[];
}): boolean {
  return details.isMainFrame && details.mediaTypes?.length === 1 && details.mediaTypes[0] === 'video';
}

/** No way out of the page, whatever the page tries. */
export function lockContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('context-menu', (event) => event.preventDefault());
  contents.on('before-input-event', (event, input) => {
    if (leavesTheKiosk(input)) event.preventDefault();
  });
  contents.on('zoom-changed', (event) => event.preventDefault());
  contents.setVisualZoomLevelLimits(1, 1).catch(() => {
    // Only fails when the page is gone already.
  });
  keepFileChoosersAway(contents);
}

/** Electron has no event for the system's file dialog; what its debugger intercepts is never shown, whatever asked for it. */
function keepFileChoosersAway(contents: WebContents): void {
  const off = (error: unknown) => {
    if (!contents.isDestroyed())
      process.stderr.write(`[yiping] file dialogs cannot be kept away: ${String(error)}\n`);
  };
  try {
    contents.debugger.attach();
  } catch (error) {
    off(error);
    return;
  }
  // Not awaited: both wait for the page's process, and hold for those that come after it.
  contents.debugger.sendCommand('Page.enable').catch(off);
  contents.debugger.sendCommand('Page.setInterceptFileChooserDialog', { enabled: true }).catch(off);
}

/** Keys that would close, reload, zoom, print, inspect or leave; plain keys are for the page. */
function leavesTheKiosk(input: {
  readonly key: string;
  readonly alt: boolean;
  readonly control: boolean;
  readonly meta: boolean;
}): boolean {
  return (
    input.alt || input.control || input.meta || /^F\d{1,2}$/.test(input.key) || input.key === 'BrowserBack'
  );
}

export function lockApp(app: App): void {
  Menu.setApplicationMenu(null);
  app.on('web-contents-created', (_event, contents) => lockContents(contents));
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, callback) => {
    event.preventDefault();
    callback(false);
  });
  app.on('login', (event) => event.preventDefault());
}
