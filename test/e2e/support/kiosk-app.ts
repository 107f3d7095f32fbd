import { generateKeyPairSync } from 'node:crypto';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, test as base, type ElectronApplication, type Page } from '@playwright/test';
import { openPglite } from '../../../src/province/db/pglite.ts';
import { createProvince, type Province } from '../../../src/province/server.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { ed25519Signer } from '../../../src/shared/journal/suite.ts';
import { createPluggableBox, type PluggableBox } from '../../../tools/button-box/pluggable.ts';
import { createQueueSim, type QueueSim } from '../../../tools/queue-sim/queue-sim.ts';
import { makeFolderForKiosk, ordinaryUser, playwrightElectron } from '../../../tools/runtime/runtime.ts';
import { shippedModel } from '../../support/device-model.ts';
import { startScreen } from '../../support/xvfb.ts';
import { type ProvinceView, readProvince } from './province-view.ts';

/** A counter of a hall with everything real but the hardware: queue system, province, box on a pty, kiosk. */
export interface Hall {
  readonly sim: QueueSim;
  readonly box: PluggableBox;
  readonly province: ProvinceView;
  readonly dataFolder: string;
  /** What a kiosk is started with here. */
  readonly kioskArgs: readonly string[];
  /** Starts the kiosk (again); the same data, so that it goes on where it was. */
  startKiosk(options?: KioskStart): Promise<KioskApp>;
  /** Ends whatever kiosk runs, as a power cut would. */
  killKiosk(): Promise<void>;
}

export interface KioskStart {
  readonly window?: string;
  /** Further words of the command line. */
  readonly args?: readonly string[];
}

export interface KioskApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly pid: number;
}

export const COUNTER = '3';
const ADMIN = 'e2e-admin-token-of-this-run';
const ADDRESS = 0x81;

/** Short enough not to wait for, long enough for a slow machine to look at each page. */
const DELAYS = { inviting: 60_000, chosen: 3_000, details: 4_000, thanks: 4_000 };

async function makeHall(
  window: string,
): Promise<{ readonly hall: Hall; readonly close: () => Promise<void> }> {
  const user = await ordinaryUser();
  const folder = await mkdtemp(join(tmpdir(), 'yiping-e2e-'));
  await makeFolderForKiosk(folder, user);
  const dataFolder = join(folder, 'kiosk');
  await makeFolderForKiosk(dataFolder, user);

  const db = await openPglite(undefined);
  const endpoint: Province = createProvince({
    db,
    adminToken: ADMIN,
    clock: systemClock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const provinceUrl = await endpoint.start({ host: '127.0.0.1', port: 0 });
  const sim = await createQueueSim({
    counters: [COUNTER, '4'],
    users: [{ code: '1003', name: '王芳', counters: [COUNTER, '4'] }],
  });
  const box = createPluggableBox({
    folder: join(folder, 'box'),
    model: await shippedModel('ff68'),
    address: ADDRESS,
    owner: user,
    onChange: () => {},
  });
  await box.plug();

  // The device's key is made for this run, so that the province can know the device before it comes.
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const keyFile = join(dataFolder, 'device-key.pem');
  await writeFile(keyFile, pem, { mode: 0o600 });
  if (user) await chown(keyFile, user.uid, user.gid);
  const province = readProvince(provinceUrl, ADMIN);
  await province.register({
    deviceId: 'e2e-device-1',
    publicKey: Buffer.from(ed25519Signer(pem).publicKey).toString('base64'),
    suite: 'ed25519-sha256',
    hall: '云溪市政务服务中心',
    counter: COUNTER,
  });

  const configPath = join(folder, 'kiosk.json');
  await writeFile(
    configPath,
    JSON.stringify({
      device: 'e2e-device-1',
      hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心', en: 'Yunxi Government Service Hall' } },
      counter: { number: COUNTER },
      queue: [{ kind: 'rate-service', url: sim.url, userCode: '1003', extensions: true }],
      buttons: [
        {
          model: 'ff68',
          path: box.hostPath,
          address: ADDRESS,
          acknowledge: 'A',
          levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
        },
      ],
      province: { url: provinceUrl },
      delays: DELAYS,
    }),
    { mode: 0o644 },
  );

  const kioskArgs = [
    `--yiping-config=${configPath}`,
    `--yiping-data=${dataFolder}`,
    `--yiping-window=${window}`,
  ];
  let current: KioskApp | null = null;
  const hall: Hall = {
    sim,
    box,
    province,
    dataFolder,
    kioskArgs,
    async startKiosk(options = {}) {
      const launch = await playwrightElectron({
        appDir: process.cwd(),
        args: [
          ...kioskArgs,
          ...(options.window ? [`--yiping-window=${options.window}`] : []),
          ...(options.args ?? []),
        ],
      });
      const app = await _electron.launch(launch);
      const page = await app.firstWindow();
      const pid = await app.evaluate(() => process.pid);
      current = { app, page, pid };
      return current;
    },
    async killKiosk() {
      const running = current;
      current = null;
      if (!running) return;
      const closed = running.app.waitForEvent('close');
      process.kill(running.pid, 'SIGKILL');
      await closed;
    },
  };
  return {
    hall,
    async close() {
      await current?.app.close();
      await box.pull();
      await sim.stop();
      await endpoint.stop();
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const test = base.extend<
  { readonly hall: Hall; readonly window: string },
  { readonly ownScreen: undefined }
>({
  // A screen in memory, so that windows come up the same on every machine and take the keys from nobody else's.
  ownScreen: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the parts from the pattern
    async ({}, use) => {
      const screen = await startScreen({ width: 1280, height: 1280 });
      process.env['DISPLAY'] = screen.display;
      delete process.env['WAYLAND_DISPLAY'];
      await use(undefined);
      await screen.stop();
    },
    { scope: 'worker', auto: true },
  ],
  window: ['1280x800', { option: true }],
  hall: async ({ window }, use) => {
    const { hall, close } = await makeHall(window);
    await use(hall);
    await close();
  },
});
export { expect } from '@playwright/test';
