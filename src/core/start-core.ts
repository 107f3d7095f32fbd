import type { SpawnDriver } from '../device/buttons.ts';
import { createSharedPorts } from '../queue/links.ts';
import type { Clock } from '../shared/clock.ts';
import type { Answer, SessionHandlers } from '../shared/screen/contract.ts';
import type { Fault, Snapshot } from '../shared/screen/snapshot.ts';
import type { StaffPortMessage } from '../shared/screen/staff-contract.ts';
import type { Locale } from '../shared/words.ts';
import { isCorrupt } from '../store/store.ts';
import { markJournal } from './backups.ts';
import { createCoalescer, createLog } from './logging.ts';
import { readBootId } from './machine.ts';
import { createPairing, type PairingSelf } from './pairing.ts';
import { findGround, type KioskGround } from './parts.ts';
import { createOpener } from './restoring.ts';
import { type KioskStatus, type RunningKiosk, runKiosk } from './running-kiosk.ts';
import { type CitizenScreen, type ScreenPort, serveCitizen } from './screen-port.ts';
import { createStaffScreens } from './staff-port.ts';
import { DEFAULT_STAFF_SETTINGS, type StaffSettings } from './staff-settings.ts';

/**
 * What lives here: the kiosk process without a shell. It reads the settings, makes the parts and starts the
 * kiosk; Electron's utility process (./utility.ts) and plain Node (./headless.ts) start the same.
 * What must not: electron.
 */
export interface Core {
  /** A screen connects; it is shown the present at once and everything that follows. */
  attach(port: ScreenPort): void;
  /** The staff screen that was asked for by `showStaff` connects. */
  attachStaff(port: ScreenPort<StaffPortMessage>): void;
  status(): KioskStatus | { readonly fault: Fault; readonly lines: readonly string[] };
  stop(): Promise<void>;
}

/** How often a kiosk that cannot start looks whether somebody has mended what is wrong. */
const TRY_AGAIN_MS = 2_000;
/** How soon a damage is met again, and noted again, that could not be noted on the disk. */
const MARK_AGAIN_MS = 10_000;
/** While it waits for somebody far away, longer each time, up to this. */
const TRY_AGAIN_AT_MOST_MS = 15_000;

export function startCore(parts: {
  readonly configPath: string;
  readonly dataFolder: string;
  readonly assetsFolder: string;
  readonly version: string;
  readonly clock: Clock;
  /** How a process for a line's driver is made here. Not called while no box is configured. */
  readonly spawnDriver: SpawnDriver;
  /** Lays the staff screen over the citizen's, or takes it away. Absent where there is no shell. */
  readonly showStaff?: (shown: boolean) => void;
  /** Lets the staff screen have the tablet's camera, or takes it back. Absent where there is no shell. */
  readonly lendCamera?: (lent: boolean) => void;
}): Core {
  const { clock } = parts;
  const note = createCoalescer(createLog(parts.dataFolder, clock), clock, 60_000);
  const boot = readBootId();
  const opener = createOpener({ clock });
  const screens = new Set<CitizenScreen>();
  let running: RunningKiosk | null = null;
  let ground: KioskGround | null = null;
  let trouble: { readonly fault: Fault; readonly lines: readonly string[] } = {
    fault: 'starting',
    lines: [],
  };
  let staffSettings: StaffSettings = DEFAULT_STAFF_SETTINGS;
  const ports = createSharedPorts();
  const pairing = createPairing({
    ports,
    dataFolder: parts.dataFolder,
    clock,
    version: parts.version,
    self: () => (running && ground ? pairingSelf(ground, running) : null),
    restart: () => void startAgain('starting'),
    changed: () => staff.changed(),
    ...(parts.lendCamera ? { lendCamera: parts.lendCamera } : {}),
    note,
  });
  const staff = createStaffScreens({
    dataFolder: parts.dataFolder,
    clock,
    version: parts.version,
    side: () => running?.staff ?? null,
    settings: () => staffSettings,
    lines: () => trouble.lines,
    pairing,
    show: (shown) => parts.showStaff?.(shown),
    note,
  });
  /** Of the page that is there while no kiosk is. */
  let locale: Locale = 'zh-CN';
  let revision = 0;
  let stopped = false;
  let cancelRetry: () => void = () => {};
  let tryAgainMs = TRY_AGAIN_MS;
  let starting: Promise<void> = Promise.resolve();

  function broadcast(snapshot: Snapshot): void {
    for (const screen of screens) screen.push(snapshot);
    // After the citizen's page is right: what lay over it may go now.
    staff.changed();
  }

  function troubled(): Snapshot {
    revision++;
    return troubledSnapshot({ fault: trouble.fault, locale, revision });
  }

  async function start(): Promise<void> {
    const found = await findGround({ ...parts, boot, opener });
    if (found.ok && stopped) {
      found.ground.store.close();
      return;
    }
    if (found.ok) {
      tryAgainMs = TRY_AGAIN_MS;
      staffSettings = found.ground.config.staff;
      ground = found.ground;
      if (found.ground.restored) note('warn', 'journalRestored', { ...found.ground.restored });
      running = runKiosk({
        ground: found.ground,
        version: parts.version,
        clock,
        boot,
        spawnDriver: parts.spawnDriver,
        ports,
        onSnapshot: broadcast,
        note,
        onDamaged() {
          // A trial that hears along at a port of the link in service would have it before that link is back.
          pairing.act({ act: 'stop' });
          void startAgain('store');
        },
      });
      note('info', 'started', { version: parts.version, counter: found.ground.config.counter.number });
      return;
    }
    trouble = { fault: found.fault, lines: found.lines };
    for (const line of found.lines) note('error', 'cannotStart', { line });
    broadcast(troubled());
    if (!stopped) cancelRetry = clock.after(tryAgainMs, begin);
    tryAgainMs = found.patient ? Math.min(TRY_AGAIN_AT_MOST_MS, tryAgainMs * 1.5) : TRY_AGAIN_MS;
  }

  function begin(): void {
    starting = start().catch((error: unknown) => {
      if (ground && isCorrupt(error)) {
        note('error', 'journalDamaged', { message: error.message });
        const marked = markJournal({ dataFolder: parts.dataFolder, clock, note });
        ground.store.close();
        trouble = { fault: 'store', lines: [error.message] };
        broadcast(troubled());
        if (!stopped) cancelRetry = clock.after(marked ? tryAgainMs : MARK_AGAIN_MS, begin);
        return;
      }
      // A bug. The shell starts a new core, and the line says where to look.
      process.stderr.write(`[yiping] core failed: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(70);
    });
  }

  /** The journal was found damaged while it was in use, or there is another queue system: all is found anew. */
  async function startAgain(fault: Fault): Promise<void> {
    const before = running;
    if (!before || stopped) return;
    running = null;
    locale = 'zh-CN';
    trouble = { fault, lines: [] };
    broadcast(troubled());
    await before.stop();
    if (!stopped) begin();
  }

  begin();
  return {
    attach(port) {
      const screen = serveCitizen(port, {
        handlers: {
          ...forwardTo(() => running),
          speak(request) {
            if (running) return running.kiosk.citizen.speak(request);
            locale = request.locale;
            broadcast(troubled());
            return { accepted: true };
          },
          corner({ held }) {
            if (parts.showStaff) staff.corner(held);
            return { accepted: true };
          },
        },
        monoMs: clock.monoMs,
        log: ({ id, ...data }) => note('warn', id, data),
        onClose: () => {
          screens.delete(screen);
          // A page that is gone holds nothing.
          staff.corner(false);
        },
      });
      screens.add(screen);
      screen.push(running ? running.kiosk.snapshot() : troubled());
    },
    attachStaff: staff.attach,
    status: () => running?.status() ?? trouble,
    async stop() {
      stopped = true;
      cancelRetry();
      staff.shut();
      pairing.stop();
      await starting;
      await running?.stop();
    },
  };
}

function pairingSelf(
  { config, signer, paired, configured }: KioskGround,
  { staff }: RunningKiosk,
): PairingSelf {
  return {
    hall: config.hall.id,
    counter: config.counter.number,
    timezone: config.timezone,
    deviceId: config.device,
    devicePublicKey: signer.publicKey,
    paired,
    configured,
    settings: config.pairing,
    isFree() {
      const { doing, invitation } = staff.counter();
      return invitation === undefined && doing !== 'answering';
    },
  };
}

/** The citizen contract for as long as there may be no kiosk behind it yet. */
function forwardTo(running: () => RunningKiosk | null): Omit<SessionHandlers, 'speak'> {
  const not: Answer = { accepted: false, reason: 'notNow' };
  const handlers = () => running()?.kiosk.citizen;
  return {
    choose: (request) => handlers()?.choose(request) ?? not,
    confirm: (request) => handlers()?.confirm(request) ?? not,
    tick: (request) => handlers()?.tick(request) ?? not,
    finish: (request) => handlers()?.finish(request) ?? not,
    help: (request) => handlers()?.help(request) ?? not,
    decline: (request) => handlers()?.decline(request) ?? not,
  };
}

function troubledSnapshot({
  fault,
  ...rest
}: Pick<Snapshot, 'revision' | 'locale'> & { readonly fault: Fault }): Snapshot {
  return {
    ...rest,
    hall: { 'zh-CN': '政务服务评价', en: 'Service rating' },
    counter: { number: '—' },
    buttons: 'none',
    screen: { name: 'outOfService', fault },
  };
}
