import { createDriverProcess, linesOf, type SpawnDriver } from '../device/buttons.ts';
import { localDate, type SharedPorts } from '../queue/links.ts';
import { createKiosk, type Kiosk } from '../session/kiosk.ts';
import type { Clock } from '../shared/clock.ts';
import type { LinkState } from '../shared/queue-event.ts';
import type { Snapshot } from '../shared/screen/snapshot.ts';
import { InvitationIdSchema } from '../shared/words.ts';
import { createGiveWay } from '../sync/give-way.ts';
import { createHttpPost } from '../sync/http-post.ts';
import { createUploader, type UploadState } from '../sync/uploader.ts';
import { createUrgentSender } from '../sync/urgent.ts';
import { keepBackups } from './backups.ts';
import { createHandKeys, createHandMemory, staffAnswerOf } from './by-hand.ts';
import { createCallerBus } from './caller-bus.ts';
import { createClockWatch } from './clock-watch.ts';
import type { createCoalescer } from './logging.ts';
import type { KioskGround } from './parts.ts';
import { qrPath } from './qr-path.ts';
import { createQueueSide, type QueueSide } from './queue-side.ts';
import { createRetention } from './retention.ts';
import type { StaffSide } from './staff-desk.ts';
import { createTryNow } from './staff-try-now.ts';
import { createTicketTokens, RECENT_ENTRIES, type TicketTokens } from './ticket-tokens.ts';
import { newUuidV7 } from './uuid-v7.ts';

export interface RunningKiosk {
  readonly kiosk: Kiosk;
  /** Whatever is connected to this counter, for whoever asks how it is. */
  status(): KioskStatus;
  /** Queue events that went no further, by reason: twins, late ones, those of a link that does not lead. */
  queueUnheeded: QueueSide['unheeded'];
  /** What the staff screen may see and do. */
  readonly staff: StaffSide;
  stop(): Promise<void>;
}

export interface KioskStatus {
  readonly queue: readonly { readonly name: string; readonly state: LinkState }[];
  readonly buttons: readonly { readonly name: string; readonly state: LinkState }[];
  readonly upload: UploadState | null;
  /** When the province last acknowledged something, since this start; UTC ms. */
  readonly deliveredAtMs?: number;
  readonly head: number;
  readonly headHash: string;
  readonly refusals: Readonly<Record<string, number>>;
  /** What was found of served-ticket tokens since the start. */
  readonly tokens: ReturnType<TicketTokens['counts']>;
}

const PROVINCE_LINK = 'province';
const STORE_RETRY_MS = 2_000;
/** How long the province may not know what it misses. */
const HEARTBEAT_MS = 60_000;
const START_SPREAD_MS = 3_000;
/** Screens on which a press may come. */
const ASKING: ReadonlySet<Snapshot['screen']['name']> = new Set(['inviting', 'chosen', 'details']);

/**
 * The one place where the rooms meet: presses and tickets into the session, the session into the store, the
 * store out to the province. Each room declares what it needs; here it gets it.
 */
export function runKiosk(parts: {
  readonly ground: KioskGround;
  readonly version: string;
  readonly clock: Clock;
  readonly boot: string;
  /** A process for each line's driver; tests may make something else. */
  readonly spawnDriver: SpawnDriver;
  /** Where links listen; what is tried beside them may hear along. */
  readonly ports?: SharedPorts;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  /** The journal is damaged and marked so: this kiosk is to be stopped and started again. */
  readonly onDamaged?: () => void;
  readonly note: ReturnType<typeof createCoalescer>;
}): RunningKiosk {
  const { clock, boot, note } = parts;
  const { config, pack, models, signer, store, provinceCa } = parts.ground;
  const publicUrl = config.province?.publicUrl ?? config.province?.url;

  const boxes = config.buttons.flatMap((settings, index) => {
    const model = models[index];
    return model ? [{ settings, model }] : [];
  });
  const callerBus = createCallerBus();
  const lines = linesOf(boxes).map(({ name, boxes: on }) => ({
    name,
    on,
    driver: createDriverProcess({
      boxes: on,
      clock,
      spawn: parts.spawnDriver,
      onEvent: (event) => {
        if (event.type === 'press') kiosk.press(event.press);
        if (event.type === 'withdrawn') kiosk.pressWithdrawn(event.press, event.reason);
        if (event.type === 'caller') callerBus.key(name, event);
        if (event.type === 'state') {
          kiosk.linkChanged('buttons', name, event.state);
          callerBus.state(name, event.state);
        }
        if (event.type === 'fault') note('warn', 'buttonFault', { ...event.fault });
      },
    }),
  }));

  for (const { name, driver, on } of lines)
    if (on.some(({ model }) => model.framing.kind === 'ff68')) callerBus.join(name, () => driver);

  const tokens = createTicketTokens({
    keys: parts.ground.tokenKeys,
    required: config.ticketTokens?.required ?? false,
    hall: config.hall.id,
    counter: config.counter.number,
    nowMs: () => clock.nowMs() + (uploader?.state().serverOffsetMs ?? 0),
    recent: store.entries(Math.max(0, store.head().seq - RECENT_ENTRIES)),
    note,
  });

  const queueSide = createQueueSide({
    config,
    clock,
    runId: newUuidV7(clock.nowMs()),
    callers: callerBus.callers,
    ...(parts.ports ? { ports: parts.ports } : {}),
    hand: createHandMemory({
      ledger: store.ledger,
      isRated: (serviceKey) => typeof store.ratingOf(serviceKey) === 'object',
      nowMs: clock.nowMs,
      dateOf: (atMs) => localDate(atMs, config.timezone),
    }),
    checked: tokens.checked,
    session: () => kiosk,
    note,
  });

  const byHand = queueSide.invite;
  const giveWay = createGiveWay(clock);

  const kiosk = createKiosk({
    site: {
      counter: config.counter.number,
      ...(config.counter.name ? { counterName: config.counter.name } : {}),
      hall: config.hall.name,
      defaultLocale: config.locale,
      clerk: config.clerk ?? null,
      pack,
      hasButtons: boxes.length > 0,
      delays: config.delays,
      whenQueueIsLost: config.whenQueueIsLost,
      storeRetryMs: STORE_RETRY_MS,
    },
    version: parts.version,
    journal: store,
    clock,
    newInvitation: () => InvitationIdSchema.parse(newUuidV7(clock.nowMs())),
    receiptQr: (code) => (publicUrl ? qrPath(`${publicUrl.replace(/\/$/, '')}/r/${code}`) : null),
    promptButtons: () => {
      for (const { driver } of lines) driver.say('prompt');
    },
    acknowledge: (press) => {
      for (const { driver } of lines) driver.acknowledge(press);
    },
    // Nothing on this machine speaks yet.
    speak: () => {},
    report: ({ service, rated }) => queueSide.report({ serviceKey: service.serviceKey, rated }),
    ...(byHand ? { handKeysOf: createHandKeys(config, clock) } : {}),
    onSnapshot(snapshot) {
      giveWay.changed(ASKING.has(snapshot.screen.name));
      parts.onSnapshot(snapshot);
    },
    log: ({ id, ...data }) => note(id === 'recovered' || id === 'journalBack' ? 'info' : 'warn', id, data),
  });

  const clockWatch = createClockWatch({
    clock,
    link: PROVINCE_LINK,
    append: (draft) => store.append([draft]).ok,
  });

  const backups = keepBackups({ ground: parts.ground, clock, note, onDamaged: parts.onDamaged });

  const { province } = config;
  let ackedSeq = store.cursorOf(PROVINCE_LINK);
  let deliveredAtMs: number | undefined;
  const post = province
    ? createHttpPost({
        baseUrl: province.url,
        timeoutMs: province.timeoutMs,
        ...(provinceCa ? { ca: provinceCa } : {}),
      })
    : null;
  const uploader = post
    ? createUploader({
        store,
        link: PROVINCE_LINK,
        post,
        signer,
        deviceId: config.device,
        clock,
        random: Math.random,
        onServerTime: clockWatch.observed,
        heartbeat: { everyMs: HEARTBEAT_MS, boot },
        spreadMs: START_SPREAD_MS,
        giveWay,
        onState: (state) => {
          if (state.ackedSeq > ackedSeq) deliveredAtMs = clock.nowMs();
          ackedSeq = Math.max(ackedSeq, state.ackedSeq);
          if (state.lastError) note('warn', 'uploadTrouble', { state: state.state, error: state.lastError });
        },
      })
    : null;

  /** Of its own: a backlog may keep the other's connections busy. */
  const urgentPost = province
    ? createHttpPost({
        baseUrl: province.url,
        timeoutMs: province.timeoutMs,
        ...(provinceCa ? { ca: provinceCa } : {}),
      })
    : null;
  const urgent = urgentPost
    ? createUrgentSender({
        store,
        link: PROVINCE_LINK,
        post: urgentPost,
        signer,
        deviceId: config.device,
        clock,
        boot,
        random: Math.random,
        spreadMs: START_SPREAD_MS,
        onNote: ({ id, ...data }) => note(id === 'helpAnnounced' ? 'info' : 'warn', id, data),
      })
    : null;

  const retention = createRetention({
    clock,
    days: config.retentionDays,
    links: uploader ? [PROVINCE_LINK] : [],
    compact: store.compact,
    isIdle() {
      const left = store.unfinished();
      return left !== 'unreadable' && left.invitations.length === 0;
    },
    offsetMs: () => uploader?.state().serverOffsetMs,
    upToSeq: backups.newestHeadSeq,
    note,
  });

  kiosk.start();
  clockWatch.start();
  backups.start();
  retention.start();
  uploader?.start();
  urgent?.start();
  for (const { driver } of lines) driver.start();
  queueSide.start();

  const status = (): KioskStatus => ({
    queue: queueSide.states(),
    buttons: lines.map(({ name, driver }) => ({ name, state: driver.state() })),
    upload: uploader?.state() ?? null,
    ...(deliveredAtMs === undefined ? {} : { deliveredAtMs }),
    head: store.head().seq,
    headHash: store.head().hash,
    refusals: kiosk.refusals(),
    tokens: tokens.counts(),
  });

  return {
    kiosk,
    status,
    queueUnheeded: queueSide.unheeded,
    staff: {
      hall: config.hall.name,
      counterPlace: config.counter,
      locale: config.locale,
      timezone: config.timezone,
      counter: kiosk.counter,
      act: kiosk.staff,
      status,
      ledger: store.ledger,
      ...(uploader ? { tryNow: createTryNow({ uploader, clock }) } : {}),
      ...(byHand ? { inviteByHand: (request) => staffAnswerOf(byHand(request)) } : {}),
    },
    async stop() {
      kiosk.stop();
      clockWatch.stop();
      retention.stop();
      await Promise.all([
        backups.stop(),
        uploader?.stop(),
        urgent?.stop(),
        ...lines.map(({ driver }) => driver.stop()),
        queueSide.stop(),
      ]);
      await Promise.all([post?.close(), urgentPost?.close()]);
      store.close();
    },
  };
}
