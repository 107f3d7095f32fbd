import { setTimeout as pause } from 'node:timers/promises';
import type { Screen, Snapshot } from '../../src/shared/screen/snapshot.ts';
import { LEVELS } from '../../src/shared/words.ts';
import type { HeadlessKiosk } from '../support/headless-kiosk.ts';
import type { Chance } from './crash-chance.ts';
import { COUNTER, type HarnessSite } from './crash-site.ts';
import type { Witness } from './crash-witness.ts';

/** Where in a ticket's life the kiosk is killed: during what follows on the step of that name. */
export const PHASES = [
  'start',
  'called',
  'served',
  'choose',
  'change',
  'settle',
  'details',
  'upload',
] as const;
export type Phase = (typeof PHASES)[number];

/** An act and its commit take a few milliseconds; a start the better part of a second. */
const WITHIN_MS: Readonly<Record<Phase, number>> = {
  start: 500,
  called: 8,
  served: 12,
  choose: 8,
  change: 8,
  settle: 10,
  details: 10,
  upload: 60,
};

/** For "never": many such programs may share the machine. */
const LIMIT_MS = 60_000;

/** Waits for something that is not a screen of the kiosk. */
export async function when(what: string, met: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + LIMIT_MS;
  while (!(await met())) {
    if (performance.now() > endsAt) throw new Error(`waited ${LIMIT_MS} ms for ${what}`);
    await pause(5);
  }
}

/** What a life needs of a kiosk, headless or the whole app. `kill` ends its process group. */
export type LivingKiosk = Pick<HeadlessKiosk, 'snapshot' | 'until' | 'call' | 'kill'>;

export interface Lives {
  start(onSnapshot: (snapshot: Snapshot) => void): Promise<LivingKiosk>;
  /** A start nobody waits for. */
  startOnly(): Promise<{ kill(): Promise<void> }>;
  /** How much longer than the headless core everything takes. */
  readonly slower: number;
  close(): Promise<void>;
}

/** One life: a ticket up to `phase`, and a kill of the whole process group. */
export async function liveAndDie(parts: {
  readonly lives: Lives;
  readonly site: HarnessSite;
  readonly witness: Witness;
  readonly chance: Chance;
  readonly phase: Phase;
}): Promise<void> {
  const { lives, site, witness, chance, phase } = parts;
  const moment = () => pause(chance.next() * WITHIN_MS[phase] * lives.slower);
  if (phase === 'start') {
    const starting = await lives.startOnly();
    await moment();
    await starting.kill();
    return;
  }
  const kiosk = await lives.start(witness.sees);
  const dies = async (now: Phase): Promise<boolean> => {
    if (now !== phase) return false;
    await moment();
    await kiosk.kill();
    return true;
  };
  try {
    await onDuty(kiosk, site);
    if (site.sim.state(COUNTER).phase === 'idle' || phase === 'called') {
      site.sim.callNext(COUNTER);
      if (await dies('called')) return;
      await kiosk.until('serving', ({ screen }) => screen.name === 'serving', LIMIT_MS);
    }
    if (kiosk.snapshot()?.screen.name !== 'inviting') {
      site.sim.served(COUNTER);
      if (await dies('served')) return;
    } else if (await dies('served')) return;
    const { invitation } = await screenNamed(kiosk, 'inviting');

    const choose = (verb: 'first' | 'change') => {
      const level = chance.pick(LEVELS);
      witness.presses(invitation, level);
      return { verb, level, answered: kiosk.call('choose', { invitation, level }) };
    };
    const first = choose('first');
    if (await dies('choose')) return;
    await first.answered;
    if (phase === 'change' || chance.below(3) === 0) {
      const change = choose('change');
      if (await dies('change')) return;
      await change.answered;
    }
    const settled = kiosk.call('confirm', { invitation });
    if (await dies('settle')) return;
    await settled;
    const details = await screenNamed(kiosk, 'details');
    const code = details.indicators[0]?.code;
    if (code) await kiosk.call('tick', { invitation, code });
    const finished = kiosk.call('finish', { invitation });
    if (await dies('details')) return;
    await finished;
    await dies('upload');
  } finally {
    await kiosk.kill();
  }
}

/** Recovered, logged in at the queue system, and through with what that still wanted to know. */
export async function onDuty(kiosk: LivingKiosk, site: HarnessSite): Promise<void> {
  await kiosk.until('a kiosk in order', ({ screen }) => screen.name !== 'outOfService', LIMIT_MS);
  await when(
    'the kiosk to log in and to take up the open ticket',
    () =>
      site.sim.state(COUNTER).tablets === 1 &&
      (site.sim.state(COUNTER).phase !== 'rating' || kiosk.snapshot()?.screen.name === 'inviting'),
  );
}

export async function screenNamed<Name extends Screen['name']>(
  kiosk: LivingKiosk,
  name: Name,
): Promise<Extract<Screen, { readonly name: Name }>> {
  const { screen } = await kiosk.until(name, (snapshot) => snapshot.screen.name === name, LIMIT_MS);
  return screen as Extract<Screen, { readonly name: Name }>;
}
