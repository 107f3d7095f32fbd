import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { playwrightElectron } from '../../tools/runtime/runtime.ts';
import { startScreen } from '../support/xvfb.ts';
import { type Figure, figure } from './figures.ts';
import { COUNTER, type KioskSite, makeSite } from './kiosk-site.ts';

/** Marks of one press, ms on the wall clock with fractions; the page and this process share the machine's. */
interface Marks {
  readonly event: number;
  readonly filled: number;
  readonly recorded: number;
}

/**
 * In the page: from the event's own time stamp to the frame in which the face is filled, and to the frame in
 * which the page says that it is recorded, which it says only after the commit. A frame's callback runs before
 * the frame is painted, so what it sees is in that frame.
 */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const marks = { event: 0, filled: 0, recorded: 0 };
    Reflect.set(globalThis, 'benchMarks', marks);
    addEventListener(
      'pointerdown',
      (event) => {
        marks.event = performance.timeOrigin + event.timeStamp;
      },
      true,
    );
    const look = () => {
      const nowMs = performance.timeOrigin + performance.now();
      if (!marks.filled && document.querySelector('.face--filled')) marks.filled = nowMs;
      if (!marks.recorded && document.querySelector('h1')?.textContent?.startsWith('已记下'))
        marks.recorded = nowMs;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

async function invite(page: Page, site: KioskSite): Promise<void> {
  site.sim.callNext(COUNTER);
  site.sim.served(COUNTER);
  await page.getByRole('heading', { name: '请您对本次服务作出评价' }).waitFor();
  await page.evaluate(() =>
    Object.assign(Reflect.get(globalThis, 'benchMarks'), { event: 0, filled: 0, recorded: 0 }),
  );
}

async function marksOf(page: Page): Promise<Marks> {
  await page.waitForFunction(() => Reflect.get(Reflect.get(globalThis, 'benchMarks'), 'recorded') > 0);
  return await page.evaluate(() => ({ ...Reflect.get(globalThis, 'benchMarks') }));
}

export async function benchPresses(runs: number): Promise<readonly Figure[]> {
  const site = await makeSite();
  const screen = await startScreen({ width: 1280, height: 800 });
  let app: ElectronApplication | null = null;
  const taps: Marks[] = [];
  const keys: Marks[] = [];
  try {
    const launch = await playwrightElectron({
      appDir: process.cwd(),
      args: site.args,
      env: { ...process.env, DISPLAY: screen.display },
    });
    app = await _electron.launch(launch);
    const page = await app.firstWindow();
    await page.getByText('办理完成后，请您评价').waitFor();
    await watch(page);
    for (let run = -3; run < runs; run++) {
      await invite(page, site);
      // A click waits until the page takes presses (none just after a change); a key has to be told to wait.
      const face = page.getByRole('button', { name: '满意', exact: true });
      await face.click();
      const tap = await marksOf(page);
      await invite(page, site);
      await face.click({ trial: true });
      const sentAt = performance.timeOrigin + performance.now();
      await site.box.press('2');
      const key = { ...(await marksOf(page)), event: sentAt };
      if (run >= 0) {
        taps.push(tap);
        keys.push(key);
      }
    }
  } finally {
    await app?.close();
    await screen.stop();
    await site.close();
  }
  return [
    figure(
      'tap → filled face in a frame',
      'ms',
      taps.map(({ event, filled }) => filled - event),
    ),
    figure(
      'tap → durable commit → "recorded" in a frame',
      'ms',
      taps.map(({ event, recorded }) => recorded - event),
    ),
    figure(
      'serial byte in → durable commit → "recorded" in a frame',
      'ms',
      keys.map(({ event, recorded }) => recorded - event),
    ),
  ];
}
