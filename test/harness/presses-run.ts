import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDriver } from '../../src/device/driver.ts';
import type { ButtonSettings } from '../../src/device/settings.ts';
import { createSimulatedBox } from '../../src/device/simulated.ts';
import { createKiosk } from '../../src/session/kiosk.ts';
import { InvitationIdSchema, LEVELS, ServiceKeySchema } from '../../src/shared/words.ts';
import { shippedModel } from '../support/device-model.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { DELAYS, PACK } from '../support/kiosk-on-fakes.ts';
import { mustOpen, storeParts } from '../support/store-parts.ts';
import { type Draw, drawFrom } from './tamper-changes.ts';

export interface PressesResult {
  readonly services: number;
  /** Settled ratings in the journal, and services they are of. */
  readonly ratings: number;
  readonly rated: number;
  /** Choices in the journal: one a service where the hand meant one key. */
  readonly choices: number;
  /** Signals the box gave. */
  readonly signals: number;
}

/** `bounces`: a contact that opens and closes. `doubleTaps`: a key pressed twice. `hammering`: a key at 10 Hz. */
export type Hand = 'bounces' | 'doubleTaps' | 'hammering';

/**
 * Each service is rated by such a hand, `times` in a row (for hammering: presses of one service), on a clock of its own: a box
 * that says what is down, the real driver, the real session, the real journal.
 */
export async function pressAway(parts: {
  readonly hand: Hand;
  readonly times: number;
  readonly seed: number;
}): Promise<PressesResult> {
  const { hand, times } = parts;
  const draw = drawFrom(parts.seed);
  const folder = mkdtempSync(join(tmpdir(), 'yiping-presses-'));
  const clock = createFakeClock();
  const store = mustOpen(storeParts(folder, { clock }));
  const model = await shippedModel('generic-hid-pad');
  const settings: ButtonSettings = {
    model: model.id,
    path: '/dev/hidraw0',
    levels: { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 },
  };
  const box = createSimulatedBox({ model, settings });
  let ids = 0;
  const kiosk = createKiosk({
    site: {
      counter: '3',
      defaultLocale: 'zh-CN',
      pack: PACK,
      hall: { 'zh-CN': '连按大厅' },
      clerk: null,
      hasButtons: true,
      delays: DELAYS,
      whenQueueIsLost: 'manual',
      storeRetryMs: 1_000,
    },
    version: 'presses',
    journal: store,
    clock,
    newInvitation: () =>
      InvitationIdSchema.parse(`018f0000-0000-7000-8000-${(++ids).toString(16).padStart(12, '0')}`),
    receiptQr: () => null,
    promptButtons: () => {},
    acknowledge: () => {},
    speak: () => {},
    report: () => {},
    onSnapshot: () => {},
    log: () => {},
  });
  const driver = createDriver({
    boxes: [{ settings, model }],
    clock,
    openPort: box.openPort,
    onEvent(event) {
      if (event.type === 'press') kiosk.press(event.press);
      if (event.type === 'withdrawn') kiosk.pressWithdrawn(event.press, event.reason);
    },
  });
  try {
    kiosk.start();
    driver.start();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(model.timing.settleMs);

    const down = (level: number) => box.send(Uint8Array.of(1 << (level - 1), 0, 0, 0, 0, 0, 0, 0));
    const up = () => box.send(new Uint8Array(8));
    const services = hand === 'hammering' ? 1 : times;
    for (let n = 0; n < services; n++) {
      const serviceKey = ServiceKeySchema.parse(`hall/2026-05-06/A/${n}`);
      kiosk.queueEvent({
        id: `served-${n}`,
        kind: 'served',
        counter: '3',
        atMs: clock.nowMs(),
        service: { serviceKey, manual: false },
      });
      strike({ hand, times, down, up, draw, advance: clock.advance });
      clock.advance(DELAYS.chosen + DELAYS.details + DELAYS.thanks + 1_000);
    }
    const bodies = (kind: string) =>
      [...store.entries()].flatMap((entry) =>
        entry.kind === kind ? [JSON.parse(entry.body) as { serviceKey: string }] : [],
      );
    const settled = bodies('rating.settled');
    return {
      services,
      ratings: settled.length,
      rated: new Set(settled.map((body) => body.serviceKey)).size,
      choices: bodies('rating.chosen').length,
      signals: driver.counters().signals,
    };
  } finally {
    await driver.stop();
    kiosk.stop();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function strike(parts: {
  readonly hand: Hand;
  readonly times: number;
  readonly down: (level: number) => void;
  readonly up: () => void;
  readonly draw: Draw;
  readonly advance: (ms: number) => void;
}): void {
  const { hand, times, down, up, draw, advance } = parts;
  const level = LEVELS[draw(LEVELS.length)] ?? 5;
  const between = (least: number, most: number) => least + draw(most - least + 1);
  const tap = (downMs: number, upMs: number) => {
    down(level);
    advance(downMs);
    up();
    advance(upMs);
  };
  switch (hand) {
    case 'bounces': {
      const bounce = () => {
        for (let edges = 1 + draw(4); edges > 0; edges--) tap(between(5, 20), between(5, 20));
      };
      bounce();
      tap(between(60, 400), between(5, 20));
      bounce();
      return;
    }
    case 'doubleTaps': {
      const gapMs = between(30, 500);
      const downMs = Math.min(gapMs - 10, between(20, 120));
      tap(downMs, gapMs - downMs);
      tap(between(20, 120), 0);
      return;
    }
    case 'hammering':
      for (let n = 0; n < times; n++) tap(50, 50);
  }
}
