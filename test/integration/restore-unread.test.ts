import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ed25519Sha256, ed25519Signer } from '../../src/shared/journal/suite.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import { createBackups, JOURNAL_FILE, openStore, type StoreParts } from '../../src/store/store.ts';
import { onDuty, screenNamed, when } from '../harness/crash-life.ts';
import { COUNTER, DEVICE, type HarnessSite, makeHarnessSite } from '../harness/crash-site.ts';
import { bend, names, pageOfEntry, rateAll, rootOf } from '../support/bent-journal.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { mustOpen, storeParts } from '../support/store-parts.ts';

/**
 * The whole core on a journal with a page that nothing has met yet, ratings in it that nobody else has: whichever read
 * comes upon the page, the kiosk sets the file aside, puts the journal together again and goes on, in one process.
 */
const PAGE = 4096;
let site: HarnessSite;
let parts: StoreParts;
let journal: string;
let kiosk: HeadlessKiosk | undefined;
const seen = new Set<string>();

beforeAll(async () => {
  site = await makeHarnessSite();
  journal = join(site.data, JOURNAL_FILE);
  const signer = ed25519Signer(readFileSync(join(site.data, 'device-key.pem'), 'utf8'));
  parts = storeParts(site.data, { signer, deviceId: DeviceIdSchema.parse(DEVICE) });
}, 120_000);
afterEach(async () => {
  await kiosk?.kill();
  kiosk = undefined;
  seen.clear();
});
afterAll(async () => {
  await site.close();
});

/** Ratings that never left this tablet, and a copy of some of them. */
async function rateUnsent(from: number, to: number, { backUp }: { readonly backUp: boolean }): Promise<void> {
  const store = mustOpen(parts);
  rateAll(store, names(from, to));
  if (backUp) {
    const { folder, clock } = parts;
    const made = await createBackups({ folder, store, suite: ed25519Sha256, clock, onOutcome() {} }).make();
    expect(made).toMatchObject({ kind: 'made' });
  }
  store.close();
}

function asideCount(): number {
  try {
    return readdirSync(join(site.data, 'set-aside')).length;
  } catch {
    return 0;
  }
}

function start(): HeadlessKiosk {
  kiosk = startHeadless({
    ...site,
    onSnapshot: ({ screen }) => seen.add(screen.name === 'outOfService' ? screen.fault : screen.name),
  });
  return kiosk;
}

/** Put together again by the process that met it, everything at the province, and somebody new can rate. */
async function expectRestored(core: HeadlessKiosk, rated: number, aside: number): Promise<void> {
  await core.untilLog(/journalRestored/, 60_000);
  await onDuty(core, site);
  expect(core.log()).toMatch(/journalDamaged/);
  expect(core.log()).not.toMatch(/core failed|SqliteError.*\n\s+at /);
  expect(core.process.exitCode).toBe(null);
  expect(seen).toContain('store');
  expect(asideCount()).toBe(aside);
  if (site.sim.state(COUNTER).phase === 'idle') site.sim.callNext(COUNTER);
  await when('the call on the screen', () => core.snapshot()?.screen.name !== 'idle');
  site.sim.served(COUNTER);
  const { invitation } = await screenNamed(core, 'inviting');
  await core.call('choose', { invitation, level: 4 });
  await core.call('confirm', { invitation });
  await core.call('finish', { invitation });
  await when('the province to have everything', async () => {
    const entries = site.journal();
    return (await site.held()).length === entries.length;
  });
  const settled = site.journal().filter(({ kind }) => kind === 'rating.settled');
  expect(settled).toHaveLength(rated);
  const restored = site.journal().filter(({ kind }) => kind === 'journal.restored');
  expect(JSON.parse(restored.at(-1)?.body ?? '{}')).toMatchObject({ reason: 'badMiddle' });
}

it('a leaf of the journal that the search for requests for help meets first', async () => {
  await rateUnsent(1, 60, { backUp: true });
  await rateUnsent(61, 90, { backUp: false });
  bend(journal, pageOfEntry(journal, 120), PAGE);
  await expectRestored(start(), 91, 1);
}, 180_000);

it('the page of open invitations, which a start meets first', async () => {
  await rateUnsent(91, 100, { backUp: false });
  bend(journal, rootOf(journal, 'invitation_open'), PAGE);
  await expectRestored(start(), 102, 2);
}, 180_000);

it('the page of ratings, which the next call meets first', async () => {
  await rateUnsent(101, 110, { backUp: false });
  bend(journal, rootOf(journal, 'rating'), PAGE);
  const core = start();
  await onDuty(core, site);
  site.sim.callNext(COUNTER);
  await expectRestored(core, 113, 3);
  expect(openStore(parts)).toMatchObject({ ok: false, problem: 'locked' });
}, 180_000);
