/**
 * Kills the whole kiosk at random moments and asks a witness outside it what it had thanked for.
 *
 *     npm run crash -- [--kills 1000] [--seed N]
 */
import { parseArgs } from 'node:util';
import { startHeadless } from '../support/headless-kiosk.ts';
import { chanceOf, newSeed } from './crash-chance.ts';
import { liveAndDie, onDuty, PHASES, type Phase, when } from './crash-life.ts';
import { type HarnessSite, makeHarnessSite } from './crash-site.ts';
import { createWitness } from './crash-witness.ts';

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
  readonly onKill?: (count: number, site: HarnessSite) => void;
}): Promise<CrashResult> {
  const chance = chanceOf(parts.seed);
  const witness = createWitness();
  const site = await makeHarnessSite();
  const kills: Record<Phase, number> = Object.assign({}, ...PHASES.map((phase) => ({ [phase]: 0 })));
  try {
    // A life that ends well begins the journal, and leaves what the next starts need.
    await deliverAll(site);
    for (let kill = 0; kill < parts.kills; kill++) {
      const phase = chance.pick(PHASES);
      await liveAndDie({ site, witness, chance, phase });
      kills[phase]++;
      parts.onKill?.(kill + 1, site);
    }
    await deliverAll(site);
    const journal = site.journal();
    return {
      seed: parts.seed,
      kills,
      thanked: witness.thanked(),
      recovered: journal.filter(({ kind, body }) => kind === 'rating.settled' && /"by":"recovery"/.test(body))
        .length,
      entries: journal.length,
      wrong: witness.judge(journal, await site.held()),
    };
  } finally {
    await site.close();
  }
}

/** One more life in which nothing happens: what is open is settled, and the province gets the rest. */
async function deliverAll(site: HarnessSite): Promise<void> {
  const kiosk = startHeadless({ ...site, group: true });
  try {
    await onDuty(kiosk, site);
    await when('the province to have everything', async () => {
      return (await site.held()).length === site.journal().length;
    });
  } finally {
    await kiosk.stop();
  }
}

export function sayCrash({ seed, kills, thanked, recovered, entries, wrong }: CrashResult): string {
  const total = Object.values(kills).reduce((sum, count) => sum + count, 0);
  return [
    `seed ${seed} | kills ${total} (${PHASES.map((phase) => `${phase} ${kills[phase]}`).join(', ')}) | thanked ${thanked} | settled by recovery ${recovered} | journal entries ${entries}, verified, all at the province | wrong ${wrong.length}`,
    ...wrong.map((sentence) => `  ${sentence}`),
  ].join('\n');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '1000' }, seed: { type: 'string' } },
  });
  const seed = Number(values.seed ?? newSeed());
  console.log(`seed ${seed}`);
  const result = await runCrash({
    kills: Number(values.kills),
    seed,
    onKill: (count) => {
      if (count % 100 === 0) console.log(`${count} kills`);
    },
  });
  console.log(sayCrash(result));
  process.exit(result.wrong.length === 0 ? 0 : 1);
}
