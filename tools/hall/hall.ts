/**
 * THE HALL BENCH: one counter of a hall on this machine, every part of it real but the people. It starts the
 * province, the network before it, the queue system, the button box and the kiosk, and lets somebody play with
 * them (./bench-server.ts). It decides nothing about ratings.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimLinkName } from '../queue-sim/wires.ts';
import type { OrdinaryUser } from '../runtime/runtime.ts';
import type { Action, ActionResult } from './actions.ts';
import { createBoxStand, isPlayable, levelsOf, settingsOf, standModels } from './box-stand.ts';
import { type DataFolder, writeWhole } from './data-folder.ts';
import type { HallState } from './hall-state.ts';
import { createHands } from './hands.ts';
import { type BookLine, createJournalBook } from './journal-book.ts';
import { createJournalWatch } from './journal-watch.ts';
import { createKioskRunner } from './kiosk-runner.ts';
import { COUNTER, HALL, kioskSettings, OTHER_COUNTER } from './kiosk-settings.ts';
import { openLog } from './log-file.ts';
import type { MemoryScreen, Size } from './memory-screen.ts';
import { createProvinceOffice } from './province-office.ts';
import { createProvinceWatch } from './province-watch.ts';
import { startQueueStand, untoldBy } from './queue-stand.ts';
import { createRegistrar } from './registrar.ts';
import { startRelay } from './relay.ts';
import type { Command } from './supervised.ts';

/** How the kiosk is run here, and as whom. */
export interface KioskPlan {
  readonly command: Command;
  readonly headless: boolean;
  readonly user: OrdinaryUser | undefined;
  readonly configPath: string;
  readonly size: Size;
  /** The screen that the bench page shows; null = a window of its own, or none at all. */
  readonly screen: MemoryScreen | null;
}

export interface Hall {
  state(): HallState;
  /** The newest lines of the journal, oldest first. */
  lines(): readonly BookLine[];
  takeChangedLines(): readonly BookLine[];
  /** Calls back after anything changed; more often than anybody needs to look. */
  onChange(listener: () => void): () => void;
  act(action: Action): Promise<ActionResult>;
  readonly screen: MemoryScreen | null;
  readonly provinceUrl: string;
  stop(): Promise<void>;
}

const LINES_SHOWN = 400;

/** Starts everything, in the order in which each needs the other. Rejects with words for people; stops what it had started. */
export async function startHall(parts: {
  readonly app: string;
  readonly folder: DataFolder;
  readonly plan: KioskPlan;
  readonly link: SimLinkName;
  readonly env: NodeJS.ProcessEnv;
}): Promise<Hall> {
  const { app, folder, plan, link, env } = parts;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const stops: (() => Promise<void> | void)[] = [];
  let stopKiosk: () => Promise<void> = async () => {};
  const stop = async () => {
    // First the kiosk, so that the end of everything else is not written into its journal as faults of a hall.
    await stopKiosk();
    await Promise.allSettled(stops.splice(0).map(async (end) => end()));
  };

  try {
    await mkdir(folder.logs, { recursive: true });
    const office = createProvinceOffice({
      app,
      folder: folder.province,
      env,
      log: openLog(join(folder.logs, 'province.log')),
      onChange: changed,
    });
    stops.push(() => office.stop());
    const provinceUrl = await office.start();

    // Shut until the device is registered, as the line of a hall that is being set up.
    const relay = await startRelay({ target: () => office.port, state: 'frozen', onChange: changed });
    stops.push(() => relay.stop());

    const queue = await startQueueStand({ link, folder, user: plan.user, onChange: changed });
    stops.push(() => queue.stop());

    let boxChange = { plugged: false, sinceMs: Date.now() };
    const box = createBoxStand({
      folder: folder.line,
      models: await standModels(),
      owner: plan.user,
      onChange() {
        if (box.plugged !== boxChange.plugged) boxChange = { plugged: box.plugged, sinceMs: Date.now() };
        changed();
      },
    });
    stops.push(() => box.pull());
    await box.plug();

    const writeSettings = () =>
      writeWhole(
        plan.configPath,
        kioskSettings({
          deviceId: folder.deviceId,
          queue: queue.entries,
          box: settingsOf(box.model, box.hostPath),
          provinceUrl: `http://127.0.0.1:${relay.port}`,
          publicUrl: provinceUrl,
        }),
      );
    await writeSettings();

    const book = createJournalBook();
    const registrar = createRegistrar({
      office,
      place: { hall: HALL.name['zh-CN'], counter: COUNTER },
      onRegistered: () => relay.set('up'),
      onChange: changed,
    });
    stops.push(registrar.stop);
    const journal = createJournalWatch({
      app,
      file: join(folder.kiosk, 'journal.sqlite'),
      user: plan.user,
      log: openLog(join(folder.logs, 'journal-tail.log')),
      onEntry(entry) {
        book.froze(entry);
        if (entry.kind === 'journal.begun') registrar.register(entry.body);
        changed();
      },
    });
    stops.push(() => journal.stop());
    const watch = createProvinceWatch({
      office,
      deviceId: folder.deviceId,
      onEntries(entries) {
        book.holds(entries);
        changed();
      },
      onAlarms: changed,
    });
    stops.push(watch.stop);

    const kiosk = createKioskRunner({
      command: plan.command,
      headless: plan.headless,
      log: openLog(join(folder.logs, 'kiosk.log')),
      onChange: changed,
    });
    stopKiosk = kiosk.stop;

    const act = createHands({
      queue,
      box,
      relay,
      kiosk,
      screen: plan.screen,
      writeSettings,
    });

    const boxModels = box.models.map((model) => ({
      id: model.id,
      name: model.name,
      playable: isPlayable(model),
      keys: model.keys.map(({ code, label }) => ({ code, label, level: levelsOf(model)[code] ?? 0 })),
    }));

    kiosk.start();
    journal.start();
    watch.start();

    return {
      state: () => ({
        nowMs: Date.now(),
        hall: { name: HALL.name },
        deviceId: folder.deviceId,
        dataFolder: folder.path,
        counter: COUNTER,
        otherCounter: OTHER_COUNTER,
        boxModels,
        kiosk: { ...kiosk.process(), headless: plan.headless },
        screen: { kind: plan.screen ? 'memory' : plan.headless ? 'none' : 'display', size: plan.size },
        snapshot: kiosk.snapshot(),
        queue: { link, untold: untoldBy(link), ...queue.network(), at: queue.sim.state(COUNTER) },
        box: { model: box.model.id, ...boxChange, light: box.light, stars: box.stars ?? null },
        province: {
          process: office.process(),
          url: office.url ?? null,
          network: relay.state,
          sinceMs: relay.sinceMs,
          registered: registrar.registered(),
          problem: registrar.problem(),
          alarms: watch.alarms(),
        },
        totals: book.totals(),
      }),
      lines: () => book.newest(LINES_SHOWN),
      takeChangedLines: () => book.takeChanged(),
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      act,
      screen: plan.screen,
      provinceUrl,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
