import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, MessageChannelMain, protocol, session } from 'electron';
import { systemClock } from '../shared/clock.ts';
import { APP_SCHEME, createAppScheme } from './app-scheme.ts';
import { createCameraGate } from './camera-gate.ts';
import { wordsAfter } from './command-line.ts';
import { createCoreProcess } from './core-process.ts';
import { openKioskWindow } from './kiosk-window.ts';
import { lockApp, lockSession } from './lock-down.ts';
import { readShellSettings, type ShellSettings } from './settings.ts';
import {
  findShellFolder,
  findTemporaryFolder,
  removeScratch,
  temporaryFolders,
  whyNoLock,
} from './shell-folder.ts';
import { runStaffPin } from './staff-pin-verb.ts';
import { createStaffView, type StaffView } from './staff-view.ts';
import { runVerify } from './verify-verb.ts';
import { didWithoutDisplay } from './without-display.ts';

/**
 * What lives here: the shell. Lifecycle, one window (with the staff screen over it while somebody is there), lock-down, a watched core. What must not: native modules,
 * state, decisions about ratings.
 */
const here = dirname(fileURLToPath(import.meta.url));
const log = (text: string) => process.stderr.write(`[yiping] ${text}\n`);

// A full disk or a reader that has gone behind it: no reason to stop.
process.stderr.on('error', () => {});
// Electron would lay a box with the error over the citizen's page, and go on behind it.
process.on('uncaughtException', (error) => {
  log(`the shell failed: ${error.stack ?? error.message}`);
  app.exit(70);
});

function refuseRoot(): void {
  // As root Chromium would need its sandbox switched off; the kiosk has no business being root.
  if (process.getuid?.() !== 0) return;
  log('started as root. The Chromium sandbox does not work for root: start Yiping as an ordinary user.');
  app.exit(78);
}

const verifyWords = wordsAfter('verify', process.argv, app.isPackaged);
const pinWords = wordsAfter('staff-pin', process.argv, app.isPackaged);
if ((verifyWords ?? pinWords) && didWithoutDisplay()) {
  // Another process has done it.
} else if (verifyWords) runVerify(join(here, 'verify.js'), verifyWords);
else if (pinWords) runStaffPin(join(here, 'staff-pin.js'), shellSettings().dataFolder);
else startKiosk();

function shellSettings(): ShellSettings {
  return readShellSettings({
    switchValue: (name) => app.commandLine.getSwitchValue(name),
    env: process.env,
    defaultFolder: app.getPath('userData'),
  });
}

function startKiosk(): void {
  refuseRoot();
  const settings = shellSettings();
  app.enableSandbox();
  const temporary = findTemporaryFolder(temporaryFolders());
  if (temporary.kind === 'other')
    log(`${tmpdir()} cannot be written (${temporary.reason}); ${temporary.path} is used in its place.`);
  // Chromium reads it when it is asked for its lock, and knows none of the other names that Node does.
  process.env['TMPDIR'] = temporary.path;
  const folder = findShellFolder(settings.dataFolder);
  const { kind, reason } = folder;
  if (kind === 'scratch')
    log(`${settings.dataFolder} cannot be written (${reason}); the screen says so until it can.`);
  else if (reason !== undefined) log(`${settings.dataFolder} cannot be written (${reason}).`);
  process.once('exit', () => removeScratch(folder));
  app.setPath('userData', folder.path);
  app.commandLine.appendSwitch('disable-features', 'Translate,HardwareMediaKeyHandling');
  app.commandLine.appendSwitch('disable-pinch');
  app.commandLine.appendSwitch('overscroll-history-navigation', '0');

  // One kiosk a data folder: a second start brings nothing but a second opinion.
  if (!app.requestSingleInstanceLock()) {
    const why = whyNoLock(folder, temporary);
    if (why === null) log(`another Yiping already runs on ${settings.dataFolder}; this one ends.`);
    else log(`could not start: nothing can be written where a second one is shut out (${why}).`);
    app.exit(why === null ? 0 : 1);
  }

  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false } },
  ]);
  lockApp(app);
  // Not awaited: Electron waits for this module before it becomes ready.
  app.whenReady().then(
    () => run(settings),
    (error: unknown) => {
      log(`could not start: ${String(error)}`);
      app.exit(1);
    },
  );
}

function run(settings: ShellSettings): void {
  lockSession(session.defaultSession);
  const files = createAppScheme(join(here, '../renderer'));
  protocol.handle(APP_SCHEME, files);

  let page: Electron.WebContents | null = null;
  let staff: StaffView | null = null;
  const camera = createCameraGate(systemClock);
  const core = createCoreProcess({
    script: join(here, 'core.js'),
    driverScript: join(here, 'driver.js'),
    args: [
      `--config=${settings.configPath}`,
      `--data=${settings.dataFolder}`,
      `--version=${app.getVersion()}`,
    ],
    clock: systemClock,
    onUp: () => connect(),
    onStaff(wanted) {
      if (wanted) staff?.show();
      else staff?.hide();
    },
    onCamera: camera.lend,
    log,
  });

  /** A fresh pair of ports: one end to the page, one to the core. Old ends close by themselves. */
  function connect(): void {
    if (!page || page.isDestroyed() || page.isCrashed()) return;
    const { port1, port2 } = new MessageChannelMain();
    page.postMessage('citizen-port', null, [port1]);
    core.attach(port2);
  }

  core.start();
  const window = openKioskWindow({
    preload: join(here, '../preload/citizen.cjs'),
    size: settings.windowSize,
    clock: systemClock,
    onLoaded(contents) {
      page = contents;
      connect();
    },
    log,
  });
  staff = createStaffView({
    window,
    preload: join(here, '../preload/staff.cjs'),
    files,
    camera,
    hearsKeys: settings.windowSize !== null,
    onLoaded(contents) {
      const { port1, port2 } = new MessageChannelMain();
      contents.postMessage('staff-port', null, [port1]);
      core.attachStaff(port2);
    },
    log,
  });

  let closed = false;
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    void core.stop().finally(() => {
      closed = true;
      app.quit();
    });
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => app.quit());
}
