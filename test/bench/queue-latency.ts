import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { WebSocket } from 'ws';
import { playwrightElectron } from '../../tools/runtime/runtime.ts';
import { startScreen } from '../support/xvfb.ts';
import { type Figure, figure, quantile } from './figures.ts';
import { COUNTER, type KioskSite, makeSite } from './kiosk-site.ts';

const OTHER_COUNTER = '4';
const WARM_UP = 3;
/** Between two services: whoever says more in a second than a hall does is cut off as a flood. */
const PAUSE_MS = 150;

/**
 * Event in → invitation painted: from the moment the queue system says "served" to the frame in which the question
 * stands on the citizen's screen, against the bare transport: a socket of its own at another counter, in turn, from the
 * same moment to the message in its hands. Clocks are the machine's, in all three processes.
 */
export async function benchQueue(runs: number): Promise<readonly Figure[]> {
  const site = await makeSite();
  const screen = await startScreen({ width: 1280, height: 800 });
  let app: ElectronApplication | null = null;
  const bare = await followBare(site);
  const ours: number[] = [];
  const theirs: number[] = [];
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
    for (let run = -WARM_UP; run < runs; run++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      const painted = await invited(page, site);
      const heard = await bare.served();
      if (run < 0) continue;
      ours.push(painted);
      theirs.push(heard);
    }
  } finally {
    bare.close();
    await app?.close();
    await screen.stop();
    await site.close();
  }
  const more = quantile(ours, 0.5) - quantile(theirs, 0.5);
  return [
    figure('queue event in → invitation in a frame', 'ms', ours, {
      what: 'bare socket, message in hand',
      samples: theirs,
    }),
    figure('… p95 (goal ≤ 150 ms)', 'ms', [quantile(ours, 0.95)]),
    figure('… more than the bare socket at the median (goal ≤ 20 ms)', 'ms', [more]),
  ];
}

/** In the page: when the question first stood in a frame. A frame's callback runs before the frame is painted. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    Reflect.set(globalThis, 'benchPainted', 0);
    const look = () => {
      const shown = document.querySelector('h1')?.textContent === '请您对本次服务作出评价';
      if (shown && Reflect.get(globalThis, 'benchPainted') === 0)
        Reflect.set(globalThis, 'benchPainted', performance.timeOrigin + performance.now());
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

async function invited(page: Page, site: KioskSite): Promise<number> {
  const ticket = site.sim.callNext(COUNTER);
  await page.getByText(ticket.number).first().waitFor();
  await page.evaluate(() => Reflect.set(globalThis, 'benchPainted', 0));
  const sentAtMs = performance.timeOrigin + performance.now();
  site.sim.served(COUNTER);
  await page.waitForFunction(() => Reflect.get(globalThis, 'benchPainted') > 0);
  return (await page.evaluate(() => Number(Reflect.get(globalThis, 'benchPainted')))) - sentAtMs;
}

/** The least anybody can do: a socket that logs in and holds the message. */
async function followBare(site: KioskSite) {
  const socket = new WebSocket(site.sim.url, { perMessageDeflate: false });
  let heard: (text: string) => void = () => {};
  socket.on('message', (data) => heard(data.toString()));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  const until = (what: string) =>
    new Promise<number>((resolve) => {
      heard = (text) => {
        if (text.includes(what)) resolve(performance.now());
      };
    });
  const loggedIn = until('"Login"');
  socket.send(JSON.stringify({ method: 'Login', param: { winNum: OTHER_COUNTER, userCode: '1002' } }));
  await loggedIn;
  return {
    async served(): Promise<number> {
      const called = until('"called"');
      site.sim.callNext(OTHER_COUNTER);
      await called;
      const came = until('"served"');
      const sentAtMs = performance.now();
      site.sim.served(OTHER_COUNTER);
      return (await came) - sentAtMs;
    },
    close: () => socket.terminate(),
  };
}
