import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findGround } from '../../src/core/parts.ts';
import { type RunningKiosk, runKiosk } from '../../src/core/running-kiosk.ts';
import type { CounterState } from '../../src/session/kiosk.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { StaffAnswer } from '../../src/shared/screen/staff-contract.ts';
import { LEVELS, type Level } from '../../src/shared/words.ts';
import type { Chance } from '../../tools/queue-sim/chance.ts';
import { driversInTime } from './hall-days-drivers.ts';

const ASSETS = join(import.meta.dirname, '../../assets');

/** One entry of a journal, as far as the account of the days needs it. */
export interface Kept {
  readonly counter: string;
  readonly seq: number;
  readonly kind: string;
  readonly atMs: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The real core of one tablet, with its journal on the disk and its real link, and whoever stands before it. */
export interface Tablet {
  readonly counter: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  running(): boolean;
  linked(): boolean;
  state(): CounterState | undefined;
  reasons(): readonly string[];
  /** When it was started last. */
  startedAtMs(): number;
  /** Its clerk types a ticket's number on the staff screen. */
  inviteByHand(ticketNumber: string): StaffAnswer;
  /** … and takes the open invitation back there, if there is one. */
  takeBack(): void;
  kept(): readonly Kept[];
  /** Log lines, whole. */
  lines(): readonly string[];
}

export function createTablet(parts: {
  readonly counter: string;
  readonly folder: string;
  /** Its kiosk.json. */
  readonly config: object;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Somebody is there and takes this level: whether the tablet took it, and in which invitation. */
  readonly onPress: (press: { readonly invitation: string; readonly level: Level }) => void;
  /** Whether anybody stands there. */
  readonly somebody: () => boolean;
}): Tablet {
  const { counter, folder, clock, chance } = parts;
  const configPath = join(folder, `kiosk-${counter}.json`);
  const kept: Kept[] = [];
  const lines: string[] = [];
  let running: RunningKiosk | undefined;
  let entriesSince:
    | ((afterSeq: number) => Iterable<{ seq: number; kind: string; at: number; body: string }>)
    | undefined;
  let boots = 0;
  let startedAtMs = 0;
  let seen = '';

  writeFileSync(configPath, JSON.stringify(parts.config));

  /** A citizen: some rate, some say no, some only go. */
  const invited = (invitation: string) => {
    const draw = chance.next();
    const decline = draw > 0.95;
    if (draw > 0.8 && !decline) return;
    clock.after(chance.between(1_500, 22_000), () => {
      const screen = running?.kiosk.snapshot().screen;
      if (!running || !parts.somebody() || screen?.name !== 'inviting' || screen.invitation !== invitation)
        return;
      const { citizen } = running.kiosk;
      if (decline) {
        citizen.decline({ invitation: screen.invitation });
        return;
      }
      const level = chance.pick([LEVELS[0], ...LEVELS.slice(1)]);
      if (citizen.choose({ invitation: screen.invitation, level }).accepted)
        parts.onPress({ invitation, level });
    });
  };

  const gather = () => {
    for (const { seq, kind, at, body } of entriesSince?.(kept.at(-1)?.seq ?? 0) ?? [])
      kept.push({ counter, seq, kind, atMs: at, body: JSON.parse(body) });
  };

  return {
    counter,
    async start() {
      boots += 1;
      startedAtMs = clock.nowMs();
      const boot = `days-${counter}-${boots}`;
      const found = await findGround({
        configPath,
        dataFolder: join(folder, `data-${counter}`),
        assetsFolder: ASSETS,
        clock,
        boot,
      });
      if (!found.ok) throw new Error(found.lines.join('\n'));
      const { store } = found.ground;
      entriesSince = (afterSeq) => store.entries(afterSeq);
      running = runKiosk({
        ground: found.ground,
        version: 'hall-days',
        boot,
        clock,
        spawnDriver: driversInTime(clock),
        note: (severity, event, data) => {
          if (lines.length < 20_000) lines.push(JSON.stringify([severity, event, data]));
        },
        onSnapshot({ screen }) {
          if (screen.name !== 'inviting' || screen.invitation === seen) return;
          seen = screen.invitation;
          invited(screen.invitation);
        },
      });
    },
    async stop() {
      gather();
      const ending = running;
      running = undefined;
      entriesSince = undefined;
      await ending?.stop();
    },
    running: () => running !== undefined,
    linked: () => running?.status().queue.every(({ state }) => state.state === 'ready') ?? false,
    state: () => running?.kiosk.counter(),
    reasons: () =>
      running?.status().queue.map(({ state }) => (state.state === 'lost' ? state.reason : state.state)) ?? [
        'off',
      ],
    startedAtMs: () => startedAtMs,
    inviteByHand: (ticketNumber) =>
      running?.staff.inviteByHand?.({ ticketNumber }) ?? { accepted: false, reason: 'notNow' },
    takeBack() {
      const invitation = running?.staff.counter().invitation;
      if (invitation !== undefined) running?.staff.act({ act: 'recall', invitation });
    },
    kept: () => {
      gather();
      return kept;
    },
    lines: () => lines,
  };
}
