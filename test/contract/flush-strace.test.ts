import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { newFolder } from '../support/store-parts.ts';

/**
 * What the operating system saw: which flushes of the journal had come back when a screen was written. Nothing
 * inside the kiosk is asked.
 */
const RATINGS = 6;
const COUNTER = '3';

let folder: string;
let remove: () => void;
let sim: QueueSim;
let kiosk: HeadlessKiosk | undefined;
beforeEach(async () => {
  ({ folder, remove } = newFolder());
  sim = await createQueueSim({});
});
afterEach(async () => {
  await kiosk?.kill();
  await sim.stop();
  remove();
});

type Seen = { readonly what: 'flush' } | { readonly what: 'screen'; readonly name: string };

/** Lines of strace in the order in which the calls came back; a call that was interrupted counts where it ended. */
function readTrace(trace: string): readonly Seen[] {
  const unfinished = new Map<string, string>();
  return trace.split('\n').flatMap((line): readonly Seen[] => {
    const thread = line.split(' ', 1)[0] ?? '';
    if (line.includes('<unfinished ...>')) {
      unfinished.set(thread, line);
      // A screen counts from the moment it begins to leave.
      return screenIn(line);
    }
    const begun = line.includes(' resumed>') ? unfinished.get(thread) : undefined;
    if (/= 0$/.test(line) && isJournalFlush(begun ?? line)) return [{ what: 'flush' }];
    return begun ? [] : screenIn(line);
  });
}

const isJournalFlush = (line: string) => /\bf(data)?sync\(\d+<[^>]*journal\.sqlite/.test(line);

function screenIn(line: string): readonly Seen[] {
  const name = /write\(1<.*\\"screen\\":\{\\"name\\":\\"(\w+)\\"/.exec(line)?.[1];
  return name ? [{ what: 'screen', name }] : [];
}

it('every thank-you is written after its one flush has come back', { timeout: 60_000 }, async () => {
  const config = join(folder, 'kiosk.json');
  writeFileSync(
    config,
    JSON.stringify({
      device: 'strace-1',
      hall: { id: 'h', name: { 'zh-CN': '厅' } },
      counter: { number: COUNTER },
      queue: [{ kind: 'rate-service', url: sim.url, userCode: '1001', extensions: true }],
    }),
  );
  const trace = join(folder, 'trace');
  const calls = ['-f', '-y', '-ttt', '-s', '600', '-e', 'trace=fdatasync,fsync,write', '-e', 'signal=none'];
  kiosk = startHeadless({
    config,
    data: join(folder, 'data'),
    prefix: ['strace', '-D', '--seccomp-bpf', ...calls, '-o', trace],
  });
  await kiosk.until('idle', ({ screen }) => screen.name === 'idle');
  for (let rating = 0; rating < RATINGS; rating++) {
    sim.callNext(COUNTER);
    await kiosk.until('serving', ({ screen }) => screen.name === 'serving');
    sim.served(COUNTER);
    const { screen } = await kiosk.until('inviting', (seen) => seen.screen.name === 'inviting');
    if (screen.name !== 'inviting') throw new Error('not inviting');
    const { invitation } = screen;
    const accepted = { accepted: true };
    expect(await kiosk.call('choose', { invitation, level: 5 })).toEqual(accepted);
    expect(await kiosk.call('choose', { invitation, level: 2 })).toEqual(accepted);
    expect(await kiosk.call('confirm', { invitation })).toEqual(accepted);
    expect(await kiosk.call('finish', { invitation })).toEqual(accepted);
  }
  await kiosk.stop();
  // The tracer ends a moment after what it traced.
  await vi.waitFor(
    () => expect(readFileSync(trace, 'utf8')).toMatch(/\+\+\+ exited with 0 \+\+\+\n$/),
    10_000,
  );
  const seen = readTrace(readFileSync(trace, 'utf8'));
  const from = seen.findIndex((one) => one.what === 'screen' && one.name === 'inviting');
  const acts: string[] = [];
  let flushes = 1;
  for (const one of seen.slice(from)) {
    if (one.what === 'flush') flushes++;
    else {
      acts.push(`${one.name} ${flushes}`);
      flushes = 0;
    }
  }
  // The thanks freeze nothing here, because no reason was ticked; nor does the call of a ticket.
  const perTicket = ['inviting 1', 'chosen 1', 'chosen 1', 'details 1', 'thanks 0', 'serving 0'];
  const expected = Array.from({ length: RATINGS }, () => perTicket).flat();
  expect(acts.slice(0, expected.length - 1)).toEqual(expected.slice(0, -1));
});
