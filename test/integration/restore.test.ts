import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createOpener } from '../../src/core/restoring.ts';
import type { Db } from '../../src/province/db/db.ts';
import { liveState } from '../../src/province/live/view.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { JOURNAL_FILE, type Store, type StoreParts } from '../../src/store/store.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createUploader, type UploadState } from '../../src/sync/uploader.ts';
import { backUp, cleanUp, expectWhole, names, open, rateAll, site } from '../support/bent-journal.ts';
import { ADMIN, openTestDb, startTestProvince, type TestProvince } from '../support/province.ts';
import { registeredSite } from '../support/registered-site.ts';
import { drafts, newService } from '../support/store-parts.ts';

/** A kiosk's store, opener and uploader on the real province over HTTP: rated, damaged, put together, rated on. */
let database: { readonly db: Db; close(): Promise<void> };
let far: TestProvince;
let baseUrl: string;

beforeAll(async () => {
  database = await openTestDb('pglite');
  far = await startTestProvince(database.db);
  baseUrl = await far.province.app.listen({ host: '127.0.0.1', port: 0 });
}, 60_000);
afterAll(async () => {
  await far.stop();
  await database.close();
});
afterEach(cleanUp);

const registered = (deviceId: string) => registeredSite(baseUrl, deviceId);

/** Delivers until what is asked for holds, and is then gone. */
async function online(
  parts: StoreParts,
  store: Store,
  holds: (state: UploadState) => boolean,
): Promise<void> {
  const post = createHttpPost({ baseUrl, timeoutMs: 20_000 });
  let look: (state: UploadState) => void = () => {};
  const uploader = createUploader({
    ...parts,
    store,
    post,
    link: 'province',
    random: () => 0.1,
    heartbeat: { everyMs: 50, boot: parts.boot },
    onState: (state) => look(state),
  });
  await new Promise<void>((done) => {
    look = (state) => holds(state) && done();
    uploader.start();
  });
  await uploader.stop();
  await post.close();
}

/** A heartbeat that names the head, and no entry after it. */
async function announce(parts: StoreParts, store: Store): Promise<void> {
  const { deviceId, signer } = parts;
  const quiet: Pick<Store, 'readBatch' | 'cursorOf' | 'advanceCursor' | 'head' | 'onAppended'> = {
    readBatch: () => [],
    cursorOf: () => 0,
    advanceCursor: () => {},
    head: store.head,
    onAppended: () => () => {},
  };
  const post = createHttpPost({ baseUrl, timeoutMs: 20_000 });
  await new Promise<void>((done) => {
    const told = async (request: Parameters<typeof post>[0]) => {
      const answer = await post(request);
      done();
      return answer;
    };
    const uploader = createUploader({
      store: quiet,
      post: told,
      link: 'province',
      signer,
      deviceId,
      clock: systemClock,
      random: () => 0,
      heartbeat: { everyMs: 1, boot: parts.boot },
      onState: () => {},
    });
    uploader.start();
    stopping = () => uploader.stop();
  });
  await stopping();
  await post.close();
}
let stopping: () => Promise<void> = async () => {};

const delivered = (state: UploadState) => state.state === 'idle' && state.unsent === 0;
const province = (url: string) => ({ province: { url, timeoutMs: 20_000 } });

it('keeps what backup and province hold, tells the province what is lost, and rates on', async () => {
  const here = await registered('restore-1');
  const { parts, folder, journal } = here;
  const store = open(parts);
  rateAll(store, names(1, 10));
  expect(await backUp(here, store)).toMatchObject({ kind: 'made', headSeq: 41 });
  rateAll(store, names(11, 20));
  await online(parts, store, delivered);
  rateAll(store, names(21, 25));
  await announce(parts, store);
  rateAll(store, names(26, 27));
  const before = [...store.entries()];
  store.close();
  writeFileSync(journal, Buffer.alloc(200_000, 7));

  const opener = createOpener({ clock: systemClock });
  const waiting = await opener.open(parts, province('http://127.0.0.1:9'));
  expect(waiting).toMatchObject({ ok: false, fault: 'store', patient: true });
  expect(existsSync(journal)).toBe(false);

  const opened = await opener.open(parts, province(baseUrl));
  if (!opened.ok) throw new Error(opened.lines.join('\n'));
  const again = opened.store;
  expect(opened.restored).toMatchObject({
    reason: 'unreadable',
    backupHead: { seq: 41 },
    salvagedTo: null,
    fetchedTo: 81,
    lostAfterSeq: 81,
    knownHeadSeq: 101,
  });
  expect(again.cursorOf('province')).toBe(81);
  expect([...again.entries()].slice(0, 81)).toEqual(before.slice(0, 81));
  const late = newService('s15');
  again.append([drafts.opened(late)]);
  expect(again.append([drafts.chosen(late, 1)])).toMatchObject({ ok: false, reason: 'alreadyRated' });
  again.append([drafts.closed(late, 'declined')]);
  rateAll(again, names(28, 30));
  await online(parts, again, delivered);
  again.close();

  const whole = expectWhole(open(parts), here, [...names(1, 20), ...names(28, 30)]);
  const { db } = database;
  const held = await db.query(
    `SELECT seq, encode(hash, 'hex') AS hash FROM ledger WHERE device_id = $1 ORDER BY seq`,
    [parts.deviceId],
  );
  expect(held).toEqual(whole.slice(0, held.length).map(({ seq, hash }) => ({ seq, hash })));
  expect(
    await db.query('SELECT count(*)::int AS n FROM rating WHERE device_id = $1', [parts.deviceId]),
  ).toEqual([{ n: 23 }]);
  const kinds = await db.query<{ kind: string }>('SELECT DISTINCT kind FROM alarm WHERE device_id = $1', [
    parts.deviceId,
  ]);
  expect(kinds.map(({ kind }) => kind)).toContain('restored');
  expect(kinds.map(({ kind }) => kind)).not.toContain('fork');

  const listed = await fetch(`${baseUrl}/v1/devices`, { headers: ADMIN });
  expect(await listed.text()).toMatch(/12号窗口：1–\d+ 完整，已恢复，原第 82–101 条遗失/);
  const live = await liveState(db, { nowMs: Date.now(), smallestGroup: 5 });
  expect(live.devices.find(({ deviceId }) => deviceId === parts.deviceId)).toMatchObject({
    record: expect.stringMatching(/^1–\d+ 完整，已恢复，原第 82–101 条遗失$/),
  });
  const shown = live.alarms.filter(({ deviceId }) => deviceId === parts.deviceId);
  expect(shown).toMatchObject([{ kind: 'restored', seq: 82 }]);
  expect(existsSync(join(folder, JOURNAL_FILE))).toBe(true);
});

it('gets a whole journal back from the province alone, in several batches', async () => {
  const here = await registered('restore-2');
  const { parts, journal } = here;
  const store = open(parts);
  rateAll(store, names(101, 400));
  await online(parts, store, delivered);
  const before = [...store.entries()];
  store.close();
  writeFileSync(journal, 'not a database at all\n'.repeat(500));
  const opened = await createOpener({ clock: systemClock }).open(parts, province(baseUrl));
  if (!opened.ok) throw new Error(opened.lines.join('\n'));
  expect(opened.restored).toMatchObject({ fetchedTo: 1201, lostAfterSeq: 1201, knownHeadSeq: 1201 });
  expect([...opened.store.entries()].slice(0, 1201)).toEqual(before);
  opened.store.close();
});

it('gives a device nothing that it cannot sign for', async () => {
  const here = await registered('restore-3');
  const stranger = site();
  open(here.parts).close();
  writeFileSync(here.journal, 'not a database at all\n'.repeat(500));
  const parts = { ...here.parts, signer: stranger.parts.signer };
  const opened = await createOpener({ clock: systemClock }).open(parts, province(baseUrl));
  expect(opened).toMatchObject({ ok: false, lines: [expect.anything(), expect.stringMatching(/401/)] });
});
