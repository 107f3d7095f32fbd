import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findGround } from '../../src/core/parts.ts';
import { runKiosk } from '../../src/core/running-kiosk.ts';
import { serveCitizen } from '../../src/core/screen-port.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import type { Kiosk } from '../../src/session/kiosk.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Press } from '../../src/shared/press.ts';
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';
import type { Level } from '../../src/shared/words.ts';
import { ADMIN } from '../support/province.ts';

export const COUNTER = '3';

/** A real core in this process: its own journal, a real link, a real box, a real uploader. */
export type RacingKiosk = Awaited<ReturnType<typeof startRacingKiosk>>;

export async function startRacingKiosk(parts: {
  readonly folder: string;
  readonly device: string;
  readonly queueUrl: string;
  /** Where its box is; none for a kiosk without one. */
  readonly boxPath?: string;
  readonly province: { readonly url: string; readonly registry: string };
  readonly screens: number;
}) {
  const dataFolder = join(parts.folder, parts.device);
  const configPath = join(parts.folder, `${parts.device}.json`);
  const levels = { '0': 2, '1': 3, '2': 4, '3': 5 };
  const box = { model: 'ff68', path: parts.boxPath, address: 0x81, acknowledge: 'A', levels };
  const config = {
    device: parts.device,
    hall: { id: 'races', name: { 'zh-CN': '竞评大厅' } },
    counter: { number: COUNTER },
    queue: [
      {
        kind: 'rate-service',
        url: parts.queueUrl,
        userCode: '1001',
        extensions: true,
        // Services follow each other as fast as they are rated, which no hall does; the link would cut that off.
        maxMessagesPerSecond: 1_000,
      },
    ],
    buttons: parts.boxPath === undefined ? [] : [box],
    province: { url: parts.province.url },
    delays: { inviting: 60_000, chosen: 500, details: 500, thanks: 500 },
  };
  writeFileSync(configPath, JSON.stringify(config));
  const clock = systemClock;
  const assetsFolder = join(import.meta.dirname, '../../assets');
  const found = await findGround({ configPath, dataFolder, assetsFolder, clock, boot: 'races' });
  if (!found.ok) throw new Error(found.lines.join('\n'));
  // A short debounce: the filter must not take the races away from those who have to decide them.
  const models = found.ground.models.map((model) => ({
    ...model,
    timing: { ...model.timing, debounceMs: 10, togetherMs: 0 },
  }));
  const { signer, store } = found.ground;
  await register(parts.province.registry, parts.device, signer.publicKey);

  let latest: Snapshot | undefined;
  const watchers = new Set<() => void>();
  const running = runKiosk({
    ground: { ...found.ground, models },
    version: 'races',
    boot: 'races',
    clock,
    spawnDriver: createForkedDrivers(),
    note: () => {},
    onSnapshot(snapshot) {
      latest = snapshot;
      for (const watcher of watchers) watcher();
    },
  });
  let frames = 0;
  const screens = Array.from({ length: parts.screens }, () => screenOf(running.kiosk));

  return {
    running,
    store,
    snapshot: () => latest,
    /** A frame on the port of one of its screens, as a page sends it. */
    touch(screen: number, invitation: string, level: Level) {
      frames++;
      screens[screen]?.({ id: frames, verb: 'choose', request: { invitation, level } });
    },
    press: (source: Press['source'], level: Level) =>
      running.kiosk.press({ source, deviceId: `races/${source}`, control: level, atMs: clock.nowMs() }),
    until: (what: string, met: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const limit = setTimeout(
          () => end(() => reject(new Error(`waited for ${what}; ${JSON.stringify(latest?.screen)}`))),
          30_000,
        );
        const look = () => {
          if (met()) end(resolve);
        };
        const poll = setInterval(look, 20);
        const end = (then: () => void) => {
          clearTimeout(limit);
          clearInterval(poll);
          watchers.delete(look);
          then();
        };
        watchers.add(look);
        look();
      }),
  };
}

function screenOf(kiosk: Pick<Kiosk, 'citizen'>) {
  let listen: (data: unknown) => void = () => {};
  const port = {
    postMessage: () => {},
    onMessage: (listener: (data: unknown) => void) => {
      listen = listener;
    },
    onClose: () => {},
  };
  serveCitizen(port, {
    handlers: { ...kiosk.citizen, corner: () => ({ accepted: true }) },
    monoMs: systemClock.monoMs,
    log: () => {},
    onClose: () => {},
  });
  return (data: unknown) => listen(data);
}

async function register(registry: string, deviceId: string, publicKey: Uint8Array): Promise<void> {
  const key = Buffer.from(publicKey).toString('base64');
  const answer = await fetch(`${registry}/v1/devices`, {
    method: 'POST',
    headers: { ...ADMIN, 'content-type': 'application/json' },
    body: JSON.stringify({
      deviceId,
      publicKey: key,
      suite: 'ed25519-sha256',
      hall: 'races',
      counter: COUNTER,
    }),
  });
  if (!answer.ok) throw new Error(`the province did not register ${deviceId}: ${await answer.text()}`);
}
