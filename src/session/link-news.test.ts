import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createFakeJournal } from '../../test/support/fake-journal.ts';
import { createKioskOnFakes } from '../../test/support/kiosk-on-fakes.ts';
import { ENTRY_BODIES } from '../shared/journal/entry.ts';
import { createLinkNews, NEWS_FROZEN, NEWS_WINDOW_MS } from './link-news.ts';

const REASON = '叫号系统断开，正在自动重连。';

function news() {
  const clock = createFakeClock();
  const written: string[] = [];
  type Draft = Parameters<Parameters<typeof createLinkNews>[0]['onCounted']>[0];
  const write = ({ kind, body }: Draft) => {
    expect(ENTRY_BODIES[kind].safeParse(body).error).toBeUndefined();
    written.push([body.name, body.state, body.reason].filter(Boolean).join(' '));
  };
  const linkNews = createLinkNews({ clock, onCounted: write });
  const become = (state: 'ready' | 'lost' | 'connecting', name = 'mqtt', reason = REASON) => {
    const draft = linkNews.changed(
      { link: 'queue', name },
      state === 'lost' ? { state, sinceMs: 0, reason } : { state, sinceMs: 0 },
    );
    if (draft) write(draft);
  };
  /** Gone and back again and again, for so long. */
  const flap = (forMs: number, everyMs: number) => {
    for (let ms = 0, n = 0; ms < forMs; ms += everyMs, n++) {
      become(n % 2 === 0 ? 'lost' : 'ready');
      clock.advance(everyMs);
    }
  };
  return { clock, written, linkNews, become, flap };
}

it('a link that comes and goes now and then: every change as it happens, with its reason', () => {
  const { written, become, clock } = news();
  for (let day = 0; day < 5; day++)
    for (const state of ['connecting', 'ready', 'ready', 'lost', 'connecting', 'lost'] as const) {
      become(state);
      clock.advance(3_600_000);
    }
  expect(written.slice(0, 4)).toEqual([
    'mqtt ready',
    `mqtt lost ${REASON}`,
    'mqtt ready',
    `mqtt lost ${REASON}`,
  ]);
  expect(written).toHaveLength(10);
});

it('beyond some in ten minutes they are counted, and one entry says how many and how it ended', () => {
  const { written, become, clock } = news();
  for (let n = 0; n < NEWS_FROZEN + 5; n++) {
    become(n % 2 === 0 ? 'lost' : 'ready');
    clock.advance(2_000);
  }
  expect(written).toHaveLength(NEWS_FROZEN);
  become('ready', 'database');
  clock.advance(NEWS_WINDOW_MS);
  expect(written.slice(NEWS_FROZEN)).toEqual([
    'database ready',
    `mqtt lost 10 分钟内又通断 5 次，合记为一条。${REASON}`,
  ]);
  clock.advance(NEWS_WINDOW_MS);
  become('ready');
  expect(written.at(-1)).toBe('mqtt ready');
});

it('one that never ends it is one entry in ten minutes, until it is quiet for as long', () => {
  const { written, become, flap, clock } = news();
  flap(86_400_000, 1_000);
  clock.advance(NEWS_WINDOW_MS);
  expect(written.length).toBeLessThanOrEqual(NEWS_FROZEN + 145);
  const counted = written.flatMap((line) => /通断 (\d+) 次/.exec(line)?.slice(1).map(Number) ?? []);
  expect(counted.reduce((sum, one) => sum + one, NEWS_FROZEN)).toBe(86_400);
  expect(written.at(-1)).toMatch(/^mqtt ready 10 分钟内又通断 \d+ 次，合记为一条。$/);
  clock.advance(NEWS_WINDOW_MS);
  expect(clock.pending).toBe(0);
  become('lost');
  expect(written.at(-1)).toBe(`mqtt lost ${REASON}`);
});

it('what was counted is said at the end, and nothing later; a long reason is cut', () => {
  const { written, become, clock, linkNews } = news();
  for (let n = 0; n <= NEWS_FROZEN; n++) become(n % 2 === 0 ? 'lost' : 'ready', 'mqtt', '断'.repeat(300));
  linkNews.stop();
  expect(written.at(-1)).toMatch(/^mqtt lost 10 分钟内又通断 1 次，合记为一条。断+$/);
  for (let n = 0; n < 20; n++) become(n % 2 === 0 ? 'ready' : 'lost');
  expect(clock.pending).toBe(0);
});

it('the screen follows every change at once, and the journal gets what was counted', () => {
  const journal = createFakeJournal();
  const run = createKioskOnFakes(journal);
  const buttons: string[] = [];
  for (let n = 0; n < 20; n++) {
    const sinceMs = run.clock.nowMs();
    run.kiosk.linkChanged(
      'buttons',
      'box',
      n % 2 === 0 ? { state: 'ready', sinceMs } : { state: 'lost', sinceMs, reason: '断' },
    );
    buttons.push(run.snapshots.at(-1)?.buttons ?? '');
  }
  expect(buttons).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'ready' : 'lost')));
  run.clock.advance(NEWS_WINDOW_MS);
  const written = journal.written.filter(({ kind }) => kind === 'link.changed');
  expect(written).toHaveLength(NEWS_FROZEN + 1);
  expect(written.at(-1)?.body).toMatchObject({ state: 'lost', reason: expect.stringContaining('14 次') });
});

it('what is frozen at a stop is nobody’s page: the screen that was there before does not come back', () => {
  const run = createKioskOnFakes();
  for (let n = 0; n <= NEWS_FROZEN; n++)
    run.kiosk.linkChanged(
      'queue',
      'mqtt',
      n % 2 === 0 ? { state: 'ready', sinceMs: 0 } : { state: 'lost', sinceMs: 0, reason: REASON },
    );
  const [shown, written] = [run.snapshots.length, run.journal.written.length];
  run.kiosk.stop();
  expect(run.journal.written).toHaveLength(written + 1);
  expect(run.snapshots).toHaveLength(shown);
});
