/**
 * Kills the whole kiosk at random moments and asks a witness outside it what it had thanked for.
 *
 *     npm run crash -- [--kills 1000] [--electron 50] [--seed N]
 *
 * `--kills` are of the headless core, `--electron` of the whole app; each run has a journal of its own.
 */
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';
import { startHeadless } from '../support/headless-kiosk.ts';
import { chanceOf } from './crash-chance.ts';
import { type Lives, liveAndDie, onDuty, PHASES, type Phase, when } from './crash-life.ts';
import { type HarnessSite, makeHarnessSite } from './crash-site.ts';
import { createWitness } from './crash-witness.ts';
import { electronLives } from './electron-lives.ts';
import { harnessOptions } from './harness-options.ts';

export interface CrashResult {
  readonly seed: number;
  readonly kills: Readonly<Record<Phase, number>>;
  readonly thanked: number;
  /** Choices that a later start settled. */
  readonly recovered: number;
  readonly entries: number;
  readonly wrong: readonly string[];
}

export async function runCrash(parts: {
  readonly kills: number;
  readonly seed: number;
  /** Default: the headless core. */
  readonly livesAt?: (site: HarnessSite) => Promise<Lives>;
  readonly onKill?: (count: number, site: HarnessSite) => void;
}): Promise<CrashResult> {
  const chance = chanceOf(parts.seed);
  const witness = createWitness();
  const site = await makeHarnessSite();
  const lives = await (parts.livesAt ?? headlessLives)(site);
  const kills: Record<Phase, number> = Object.assign({}, ...PHASES.map((phase) => ({ [phase]: 0 })));
  try {
    // A life that gets everything to the province begins the journal, and leaves what the next starts need.
    await deliverAll(lives, site);
    for (let kill = 0; kill < parts.kills; kill++) {
      const phase = chance.pick(PHASES);
      await liveAndDie({ lives, site, witness, chance, phase });
      kills[phase]++;
      parts.onKill?.(kill + 1, site);
    }
    const { journal, held } = await deliverAll(lives, site);
    return {
      seed: parts.seed,
      kills,
      thanked: witness.thanked(),
      recovered: journal.filter(({ kind, body }) => kind === 'rating.settled' && /"by":"recovery"/.test(body))
        .length,
      entries: journal.length,
      wrong: witness.judge(journal, held),
    };
  } finally {
    await lives.close();
    await site.close();
  }
}

/**
 * One more life in which nothing happens: what is open is settled, and the province gets the rest.
 *
 * @returns journal and province as they were when they were equally long; what the province's answer had the kiosk write
 *   about the time may be on its way a moment later.
 */
async function deliverAll(
  lives: Lives,
  site: HarnessSite,
): Promise<{
  readonly journal: ReturnType<HarnessSite['journal']>;
  readonly held: Awaited<ReturnType<HarnessSite['held']>>;
}> {
  const kiosk = await lives.start(() => {});
  try {
    await onDuty(kiosk, site);
    let held = await site.held();
    let journal = site.journal();
    await when('the province to have everything', async () => {
      held = await site.held();
      journal = site.journal();
      return held.length === journal.length;
    });
    return { journal, held };
  } finally {
    await kiosk.kill();
  }
}

async function headlessLives(site: HarnessSite): Promise<Lives> {
  const start = (onSnapshot: (snapshot: Snapshot) => void = () => {}) =>
    startHeadless({ ...site, group: true, onSnapshot });
  return {
    start: async (onSnapshot) => start(onSnapshot),
    startOnly: async () => start(),
    slower: 1,
    close: async () => {},
  };
}

export function sayCrash({ seed, kills, thanked, recovered, entries, wrong }: CrashResult): string {
  const total = Object.values(kills).reduce((sum, count) => sum + count, 0);
  return [
    `seed ${seed} | kills ${total} (${PHASES.map((phase) => `${phase} ${kills[phase]}`).join(', ')}) | thanked ${thanked} | settled by recovery ${recovered} | journal entries ${entries}, verified, all at the province | wrong ${wrong.length}`,
    ...wrong.map((sentence) => `  ${sentence}`),
  ].join('\n');
}

if (import.meta.main) {
  const given = harnessOptions({
    command: 'npm run crash',
    numbers: { kills: 1000, electron: 0 },
    mayBeNone: ['kills', 'electron'],
  });
  const seed = given.number('seed');
  const plans = [
    { what: 'headless core', kills: given.number('kills'), livesAt: headlessLives },
    { what: 'Electron app', kills: given.number('electron'), livesAt: electronLives },
  ];
  let wrong = 0;
  for (const { what, kills, livesAt } of plans) {
    if (kills === 0) continue;
    console.log(`${what}, seed ${seed}`);
    const result = await runCrash({
      kills,
      seed,
      livesAt,
      onKill: (count) => {
        if (count % 100 === 0) console.log(`${count} kills`);
      },
    });
    console.log(sayCrash(result));
    wrong += result.wrong.length;
  }
  process.exit(wrong === 0 ? 0 : 1);
}
