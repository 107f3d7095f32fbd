import type { Delays } from '../../src/session/delays.ts';
import type { Spoken } from '../../src/session/keys.ts';
import { createKiosk, type Kiosk, type WhenQueueIsLost } from '../../src/session/kiosk.ts';
import type { IndicatorPack } from '../../src/shared/indicators.ts';
import type { Control, Press } from '../../src/shared/press.ts';
import type { QueueEvent } from '../../src/shared/queue-event.ts';
import type { Screen, Snapshot } from '../../src/shared/screen/snapshot.ts';
import { InvitationIdSchema, LEVELS, type Service, ServiceKeySchema } from '../../src/shared/words.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeJournal, type FakeJournal } from './fake-journal.ts';

export const DELAYS: Delays = { inviting: 30_000, chosen: 3_000, details: 20_000, thanks: 8_000 };

export const PACK: IndicatorPack = {
  version: 'test',
  source: 'test',
  indicators: LEVELS.flatMap((level) =>
    [0, 1].map((n) => ({
      code: `${level}1${n}`,
      level,
      kind: 'base' as const,
      text: { 'zh-CN': `理由${n}`, en: `Reason ${n}` },
    })),
  ),
};

export interface KioskOnFakes {
  readonly kiosk: Kiosk;
  readonly clock: FakeClock;
  readonly journal: FakeJournal;
  readonly snapshots: Snapshot[];
  readonly acknowledged: Press[];
  readonly spoken: Spoken[];
  readonly reports: { readonly serviceKey: string; readonly rated: boolean }[];
  readonly prompts: () => number;
  screen(): Screen;
  /** Sends a queue event of a kind about a ticket; a new event id each time unless given. */
  queue(kind: QueueEvent['kind'], ticket?: string, id?: string): void;
  press(control: Control): ReturnType<Kiosk['press']>;
  /** The driver takes its last press back. */
  withdraw(): void;
  /** Kinds written so far, in order. */
  kinds(): string[];
}

export function service(ticket: string): Service {
  return {
    serviceKey: ServiceKeySchema.parse(`hall/2026-05-06/A/${ticket}`),
    ticketNumber: ticket,
    manual: false,
  };
}

/** The same ticket where a clerk has opened it by hand. */
export function byHand(ticket: string): Service {
  return {
    serviceKey: ServiceKeySchema.parse(`hall/2026-05-06/manual/3%2Fticket%2F${ticket}`),
    ticketNumber: ticket,
    manual: true,
  };
}

let ids = 0;
function newInvitation() {
  ids++;
  return InvitationIdSchema.parse(`018f0000-0000-7000-8000-${ids.toString(16).padStart(12, '0')}`);
}

export function createKioskOnFakes(
  journal: FakeJournal = createFakeJournal(),
  whenQueueIsLost: WhenQueueIsLost = 'manual',
): KioskOnFakes {
  const clock = createFakeClock();
  const snapshots: Snapshot[] = [];
  const acknowledged: Press[] = [];
  const spoken: Spoken[] = [];
  const reports: { serviceKey: string; rated: boolean }[] = [];
  let prompts = 0;
  let events = 0;
  let last: Press | undefined;
  const kiosk = createKiosk({
    site: {
      counter: '3',
      defaultLocale: 'zh-CN',
      pack: PACK,
      hall: { 'zh-CN': '市政务服务中心' },
      clerk: null,
      hasButtons: true,
      delays: DELAYS,
      whenQueueIsLost,
      storeRetryMs: 1_000,
    },
    version: 'test',
    journal,
    clock,
    newInvitation,
    receiptQr: () => ({ size: 21, path: 'M0 0h1v1z' }),
    promptButtons: () => {
      prompts++;
    },
    acknowledge: (press) => acknowledged.push(press),
    speak: (say) => spoken.push(say),
    report: (result) => reports.push({ serviceKey: result.service.serviceKey, rated: result.rated }),
    handKeysOf: ({ ticketNumber }) => (ticketNumber === undefined ? [] : [byHand(ticketNumber).serviceKey]),
    onSnapshot: (snapshot) => snapshots.push(snapshot),
    log: () => {},
  });
  kiosk.start();
  return {
    kiosk,
    clock,
    journal,
    snapshots,
    acknowledged,
    spoken,
    reports,
    prompts: () => prompts,
    screen: () => kiosk.snapshot().screen,
    queue(kind, ticket = 'A001', id = `event-${++events}`) {
      const base = { id, counter: '3', atMs: clock.nowMs() };
      if (kind === 'paused' || kind === 'resumed' || kind === 'clerkOff' || kind === 'reset')
        kiosk.queueEvent({ ...base, kind });
      else if (kind === 'clerkOn')
        kiosk.queueEvent({ ...base, kind, clerk: { number: '1001', name: '王芳' } });
      else kiosk.queueEvent({ ...base, kind, service: service(ticket) });
    },
    press: (control) => {
      last = { source: 'serial', deviceId: 'box', control, atMs: clock.nowMs() };
      return kiosk.press(last);
    },
    withdraw: () => {
      if (last) kiosk.pressWithdrawn(last, 'together');
    },
    kinds: () => journal.written.map((draft) => draft.kind),
  };
}
