/**
 * Fills and frees the disk under a kiosk that is rating, and kills it now and then while the disk is full.
 *
 *     npm run disk -- [--rounds 50] [--seed N]
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LEVELS } from '../../src/shared/words.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { type Chance, chanceOf } from './crash-chance.ts';
import { onDuty, screenNamed, when } from './crash-life.ts';
import { COUNTER, type HarnessSite, makeHarnessSite } from './crash-site.ts';
import { createWitness, type Witness } from './crash-witness.ts';
import { againWhereMountingIsAllowed, mountSmallDisk, type SmallDisk } from './disk-small.ts';
import { harnessOptions } from './harness-options.ts';

/** For the test that runs the short form. */
export const MAY_NOT_MOUNT = 3;
const SAYS_WITHIN_MS = 1_000;
const BACK_WITHIN_MS = 10_000;
/** A full disk still has what the journal's files hold unused, and then the reserve. */
const TICKETS_ON_A_FULL_DISK = 200;
const LOGS_AT_MOST_BYTES = 13 * 1024 * 1024;

interface DiskResult {
  readonly ratedWhileFull: number;
  readonly kills: number;
  readonly saidMs: readonly number[];
  readonly backMs: readonly number[];
  readonly wrong: readonly string[];
}

const outOfService = (kiosk: HeadlessKiosk) => {
  const screen = kiosk.snapshot()?.screen;
  return screen?.name === 'outOfService' && (screen.fault === 'diskFull' || screen.fault === 'store');
};

/** No hall is faster, and what is faster counts as a flood, which nobody answers. */
const TICKET_MS = 150;

/** A ticket through to the end. @returns ms until the screen said that it is out of service, if it did. */
async function rateOne(
  kiosk: HeadlessKiosk,
  parts: { readonly site: HarnessSite; readonly witness: Witness; readonly chance: Chance },
): Promise<number | undefined> {
  const { site, witness, chance } = parts;
  await pause(TICKET_MS);
  const told = { screen: () => kiosk.snapshot()?.screen.name };
  site.sim.callNext(COUNTER);
  await when('the call on the screen', () => told.screen() === 'serving' || outOfService(kiosk));
  const askedAt = performance.now();
  site.sim.served(COUNTER);
  await when('an answer to "served"', () => told.screen() === 'inviting' || outOfService(kiosk));
  if (outOfService(kiosk)) return performance.now() - askedAt;
  const { invitation } = await screenNamed(kiosk, 'inviting');
  for (let change = chance.below(3); change >= 0; change--) {
    const level = chance.pick(LEVELS);
    witness.presses(invitation, level);
    const pressedAt = performance.now();
    await kiosk.call('choose', { invitation, level });
    if (outOfService(kiosk)) return performance.now() - pressedAt;
  }
  const confirmedAt = performance.now();
  await kiosk.call('confirm', { invitation });
  await kiosk.call('finish', { invitation });
  return outOfService(kiosk) ? performance.now() - confirmedAt : undefined;
}

async function runDisk(disk: SmallDisk, rounds: number, seed: number): Promise<DiskResult> {
  const chance = chanceOf(seed);
  const witness = createWitness();
  const site = await makeHarnessSite({ data: disk.folder });
  const start = () => startHeadless({ ...site, group: true, onSnapshot: witness.sees });
  let kiosk = start();
  let ratedWhileFull = 0;
  let kills = 0;
  const saidMs: number[] = [];
  const backMs: number[] = [];
  try {
    await onDuty(kiosk, site);
    for (let round = 0; round < rounds; round++) {
      for (let ticket = chance.below(3); ticket >= 0; ticket--)
        await rateOne(kiosk, { site, witness, chance });
      disk.fill();
      let said: number | undefined;
      for (let ticket = 0; said === undefined && ticket < TICKETS_ON_A_FULL_DISK; ticket++) {
        said = await rateOne(kiosk, { site, witness, chance });
        if (said === undefined) ratedWhileFull++;
        // Room that the journal gave back, or a log that was turned over, is no room.
        disk.fill();
      }
      saidMs.push(said ?? Number.POSITIVE_INFINITY);
      if (chance.below(4) === 0) {
        kills++;
        await kiosk.kill();
        kiosk = start();
        await when('a screen of the kiosk on the full disk', () => kiosk.snapshot() !== null);
      }
      disk.free();
      const freedAt = performance.now();
      await kiosk.until('a kiosk in order', ({ screen }) => screen.name !== 'outOfService', 60_000);
      backMs.push(performance.now() - freedAt);
      await onDuty(kiosk, site);
    }
    await when('the province to have everything', async () => {
      return (await site.held()).length === site.journal().length;
    });
    // Not stopped: a kiosk that leaves its links in order has more to say of it.
    await kiosk.kill();
    const wrong = [...witness.judge(site.journal(), await site.held())];
    if (Math.max(...saidMs) > SAYS_WITHIN_MS) wrong.push('the screen was late in saying that it is full');
    if (Math.max(...backMs) > BACK_WITHIN_MS) wrong.push('the kiosk was late in coming back');
    const logs = bytesUnder(join(disk.folder, 'logs'));
    if (logs > LOGS_AT_MOST_BYTES) wrong.push(`the logs have grown to ${logs} bytes`);
    console.log(
      `seed ${seed} | filled and freed ${rounds} | killed while full ${kills} | thanked ${witness.thanked()} | tickets rated on the full disk ${ratedWhileFull} | says so after at most ${Math.max(...saidMs).toFixed(0)} ms | back after at most ${Math.max(...backMs).toFixed(0)} ms | logs ${logs} bytes | wrong ${wrong.length}`,
    );
    return { ratedWhileFull, kills, saidMs, backMs, wrong };
  } finally {
    await kiosk.kill();
    await site.close();
  }
}

function bytesUnder(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

async function main(): Promise<number> {
  const given = harnessOptions({ command: 'npm run disk', numbers: { rounds: 50 } });
  const seed = given.number('seed');
  const disk = mountSmallDisk();
  if (!disk) {
    const elsewhere = againWhereMountingIsAllowed(import.meta.filename, process.argv.slice(2));
    if (elsewhere !== undefined) return elsewhere;
    console.error(
      'NOT RUN: this user may neither mount nor have a mount table of its own. Run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1).',
    );
    return MAY_NOT_MOUNT;
  }
  console.log(`seed ${seed}`);
  try {
    const { wrong } = await runDisk(disk, given.number('rounds'), seed);
    for (const sentence of wrong) console.log(`  ${sentence}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    disk.close();
  }
}

if (import.meta.main) process.exit(await main());
