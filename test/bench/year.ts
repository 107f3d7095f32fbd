import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { machineClock } from '../../src/core/machine.ts';
import { newUuidV7 } from '../../src/core/uuid-v7.ts';
import { createKiosk } from '../../src/session/kiosk.ts';
import { InvitationIdSchema, LEVELS } from '../../src/shared/words.ts';
import { connect } from '../../src/store/connection.ts';
import { openFolder } from '../../src/store/opening.ts';
import { JOURNAL_FILE, openStore, type Store, type StoreParts } from '../../src/store/store.ts';
import { DELAYS, PACK } from '../support/kiosk-on-fakes.ts';
import { drafts, mustOpen, newFolder, newService, newSigner, storeParts } from '../support/store-parts.ts';
import { type Figure, figure } from './figures.ts';

const SERVICES_A_DAY = 250;
const DAYS = 365;
const SPACING_MS = 50;
const WARM_UP = 200;
const BLOCK = 250;
const GOAL = '≤ 1.2';

interface Side {
  readonly name: 'year' | 'empty';
  readonly parts: StoreParts;
}

/** Four entries a service, one commit each, nothing flushed: only what lies there afterwards counts. */
function fill(parts: StoreParts, services: number): void {
  const opened = openFolder(parts, (file, options) => {
    const db = connect(file, options);
    db.pragma('synchronous = OFF');
    return db;
  });
  if (!opened.ok) throw new Error(opened.message);
  for (let n = 0; n < services; n++) {
    const service = newService(
      `hall-01/2026/${Math.floor(n / SERVICES_A_DAY)}/Q1/A${n % SERVICES_A_DAY}/c12`,
    );
    const level = LEVELS[n % 5] ?? 5;
    const { opened: asked, chosen, settled, closed } = drafts;
    freeze(opened.store, [asked(service), chosen(service, level), settled(service, level), closed(service)]);
  }
  const { seq } = opened.store.head();
  opened.store.advanceCursor('province', seq);
  opened.store.close();
}

function freeze(store: Store, act: Parameters<Store['append']>[0]): void {
  const frozen = store.append(act);
  if (!frozen.ok) throw new Error(frozen.message);
}

function milliseconds(work: () => void): number {
  const startedAt = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}

/** From the closed files to what the screen would show. */
function startUp({ parts }: Side): number {
  let close: () => void = () => {};
  const took = milliseconds(() => {
    const opened = openStore(parts);
    if (!opened.ok) throw new Error(opened.message);
    const kiosk = createKiosk({
      site: {
        counter: '12',
        defaultLocale: 'zh-CN',
        pack: PACK,
        hall: { 'zh-CN': '市政务服务中心' },
        clerk: null,
        hasButtons: false,
        delays: DELAYS,
        whenQueueIsLost: 'manual',
        storeRetryMs: 1_000,
      },
      version: 'bench',
      journal: opened.store,
      clock: machineClock,
      newInvitation: () => InvitationIdSchema.parse(newUuidV7(Date.now())),
      receiptQr: () => null,
      promptButtons: () => {},
      acknowledge: () => {},
      speak: () => {},
      report: () => {},
      onSnapshot: () => {},
      log: () => {},
    });
    kiosk.start();
    if (kiosk.snapshot().screen.name !== 'idle') throw new Error(`it shows ${kiosk.snapshot().screen.name}`);
    close = () => {
      kiosk.stop();
      opened.store.close();
    };
  });
  close();
  return took;
}

/** A year of a busy counter against a journal just begun; in turn, so that a slow minute is slow for both. */
export async function benchYear(runs: number): Promise<readonly Figure[]> {
  const signer = newSigner();
  const made = [newFolder(), newFolder()] as const;
  const side = (name: Side['name'], { folder }: { readonly folder: string }): Side => ({
    name,
    parts: storeParts(folder, {
      signer,
      clock: machineClock,
      boot: randomBytes(16).toString('hex'),
      newId: newUuidV7,
    }),
  });
  const [year, empty] = [side('year', made[0]), side('empty', made[1])];
  try {
    fill(year.parts, SERVICES_A_DAY * DAYS);
    mustOpen(empty.parts).close();
    const bytes = statSync(join(year.parts.folder, JOURNAL_FILE)).size;
    console.error(`a year: ${SERVICES_A_DAY * DAYS} services, ${(bytes / 1e6).toFixed(0)} MB`);
    const starts = { year: [] as number[], empty: [] as number[] };
    for (let n = 0; n < runs + 2; n++) {
      for (const one of n % 2 === 0 ? [year, empty] : [empty, year]) {
        const took = startUp(one);
        // The first two of each fill caches that the other finds full.
        if (n >= 2) starts[one.name].push(took);
        await wait(SPACING_MS);
      }
    }
    const acts = await appends(year, empty, runs * 10);
    const against = (samples: readonly number[]) => ({ what: 'a journal just begun', samples, goal: GOAL });
    return [
      figure(
        'start-up with a year in the journal: open → first snapshot',
        'ms',
        starts.year,
        against(starts.empty),
      ),
      figure('an act of a citizen then, 50 ms apart', 'ms', acts.apart.year, against(acts.apart.empty)),
      figure('an act then, in a tight loop', 'ms', acts.tight.year, against(acts.tight.empty)),
    ];
  } finally {
    for (const { remove } of made) remove();
  }
}

async function appends(year: Side, empty: Side, samples: number) {
  const open = { year: mustOpen(year.parts), empty: mustOpen(empty.parts) };
  const apart = { year: [] as number[], empty: [] as number[] };
  const tight = { year: [] as number[], empty: [] as number[] };
  const acts = (n: number) => {
    const service = newService(`bench/${n}`);
    const level = LEVELS[n % 5] ?? 5;
    return [
      [drafts.opened(service)],
      [drafts.chosen(service, level)],
      [drafts.settled(service, level), drafts.closed(service)],
    ];
  };
  let services = 0;
  try {
    for (let n = 0; n < WARM_UP; n++) {
      services++;
      for (const store of [open.year, open.empty]) for (const act of acts(services)) freeze(store, act);
    }
    for (let n = 0; apart.year.length < samples; n++) {
      services++;
      const names = n % 2 === 0 ? (['year', 'empty'] as const) : (['empty', 'year'] as const);
      const both = { year: acts(services), empty: acts(services) };
      for (const step of [0, 1, 2])
        for (const name of names) {
          await wait(SPACING_MS);
          apart[name].push(milliseconds(() => freeze(open[name], both[name][step] ?? [])));
        }
    }
    for (let block = 0; block < 8; block++) {
      for (const name of block % 2 === 0 ? (['year', 'empty'] as const) : (['empty', 'year'] as const)) {
        const planned = Array.from({ length: BLOCK }, () => acts(++services)).flat();
        const took = milliseconds(() => {
          for (const act of planned) freeze(open[name], act);
        });
        tight[name].push(took / planned.length);
      }
    }
    return { apart, tight };
  } finally {
    open.year.close();
    open.empty.close();
  }
}
