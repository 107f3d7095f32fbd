import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron, type Page } from '@playwright/test';
import { type Snapshot, SnapshotSchema } from '../../src/shared/screen/snapshot.ts';
import { LevelSchema } from '../../src/shared/words.ts';
import { buildApp, buildNeed } from '../../tools/hall/build-app.ts';
import {
  electronCommand,
  makeFolderForKiosk,
  ordinaryUser,
  playwrightElectron,
} from '../../tools/runtime/runtime.ts';
import { startScreen } from '../support/xvfb.ts';
import type { Lives, LivingKiosk } from './crash-life.ts';
import type { HarnessSite } from './crash-site.ts';

/** The faces stand from the best to the worst. */
const FACES = 5;

/**
 * In the page: every snapshot, and after each change of what is painted the heading a citizen reads. It sees
 * what the page shows, not what the core says it shows.
 */
const WATCH = `(() => {
  let latest = null;
  const tell = () => {
    const heading = document.querySelector('h1')?.textContent ?? '';
    if (latest) globalThis.harnessSees(JSON.stringify({ snapshot: latest, heading }));
  };
  globalThis.yiping.onSnapshot((snapshot) => { latest = snapshot; tell(); });
  new MutationObserver(tell).observe(document.documentElement, { subtree: true, childList: true, characterData: true });
})()`;

/** From a finger to what is painted takes so much longer than the core alone. */
const SLOWER = 6;

/** The whole app, built if need be, on a screen in memory. */
export async function electronLives(site: HarnessSite): Promise<Lives> {
  if ((await buildNeed(process.cwd())) !== 'none') await buildApp(process.cwd());
  const screen = await startScreen({ width: 1280, height: 800 });
  process.env['DISPLAY'] = screen.display;
  delete process.env['WAYLAND_DISPLAY'];
  await giveToKiosk(site);
  return {
    start: (onSnapshot) => startElectron(site, onSnapshot),
    startOnly: () => startBareElectron(site),
    slower: SLOWER,
    close: screen.stop,
  };
}

/** An ordinary user's Electron and the root who may run the harness share the folder. */
async function giveToKiosk({ data, config }: HarnessSite): Promise<void> {
  const user = await ordinaryUser();
  await makeFolderForKiosk(join(config, '..'), user);
  await makeFolderForKiosk(data, user);
  if (!user) return;
  for (const name of await readdir(data)) await chown(join(data, name), user.uid, user.gid);
}

function argumentsOf({ config, data }: HarnessSite): readonly string[] {
  return [`--yiping-config=${config}`, `--yiping-data=${data}`, '--yiping-window=1280x800'];
}

/** A start that is killed before it has a window: no Playwright, which would wait for one. */
async function startBareElectron(site: HarnessSite): Promise<{ kill(): Promise<void> }> {
  const { command, args, env, cwd } = await electronCommand({
    appDir: process.cwd(),
    args: argumentsOf(site),
  });
  const child = spawn(command, args, { env, cwd, stdio: 'ignore', detached: true });
  return { kill: () => killGroup(child) };
}

/** The whole app as it stands on a tablet. Fingers go to its buttons, and what is seen is what is painted. */
async function startElectron(
  site: HarnessSite,
  onSnapshot: (snapshot: Snapshot) => void,
): Promise<LivingKiosk> {
  const app = await _electron.launch(
    await playwrightElectron({ appDir: process.cwd(), args: [...argumentsOf(site)] }),
  );
  const child = app.process();
  const page = await app.firstWindow();
  let latest: Snapshot | null = null;
  const watchers = new Set<() => void>();
  await page.exposeBinding('harnessSees', (_source, text: string) => {
    const { snapshot, heading } = JSON.parse(text) as { snapshot: unknown; heading: string };
    const seen = SnapshotSchema.parse(snapshot);
    latest = seen;
    // "Recorded" is thanked for when it is painted.
    if (seen.screen.name !== 'chosen' || heading.startsWith('已记下')) onSnapshot(seen);
    for (const watcher of watchers) watcher();
  });
  await page.waitForFunction('globalThis.yiping !== undefined');
  await page.evaluate(WATCH);
  return {
    snapshot: () => latest,
    until: (what, met, limitMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(look);
          reject(new Error(`waited ${limitMs} ms for ${what}; last: ${JSON.stringify(latest?.screen)}`));
        }, limitMs);
        function look(): void {
          if (!latest || !met(latest)) return;
          clearTimeout(timer);
          watchers.delete(look);
          resolve(latest);
        }
        watchers.add(look);
        look();
      }),
    // A finger on a page that is killed under it has nobody to answer.
    call: (verb, request) => press(page, verb, request).catch(() => undefined),
    kill: () => killGroup(child),
  };
}

async function press(page: Page, verb: string, request: unknown): Promise<void> {
  switch (verb) {
    case 'choose': {
      const level = LevelSchema.parse(Reflect.get(Object(request), 'level'));
      return page
        .locator('.face')
        .nth(FACES - level)
        .click();
    }
    case 'confirm':
      return page.locator('.main-button').click();
    case 'tick':
      return page.locator('.chip').first().click();
    case 'finish':
      return page.locator('.main-button').click();
    default:
      throw new Error(`no finger for ${verb}`);
  }
}

/** Playwright and we ourselves start Electron as the leader of a group of its own. */
async function killGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}
