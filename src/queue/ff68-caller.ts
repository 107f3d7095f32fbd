import { randomUUID } from 'node:crypto';
import type { LinkState } from '../shared/queue-event.ts';
import { assertNever } from '../shared/words.ts';
import { type CallerKey, createKeyReader, type KeyAct } from './ff68-caller/keys.ts';
import type { Ff68CallerSettings } from './ff68-caller/settings.ts';
import { createBusTickets, type TicketMessage } from './ff68-caller/tickets.ts';
import { createFollower } from './follow.ts';
import { localDate } from './identity.ts';
import { createLifeline } from './lifeline.ts';
import type { LinkParts, QueueLink } from './queue-link.ts';
import { createRateGate } from './rate-gate.ts';

export type { CallerKey } from './ff68-caller/keys.ts';

/** The clerks' keypads on the button bus, as whoever has the port gives them to this room. */
export interface CallerBus {
  /** @returns a function that ends it. */
  onKey(listener: (key: CallerKey) => void): () => void;
  /** The port's state, at once and at every change; undefined where the tablet has no such port. @returns a function that ends it. */
  onState(listener: (state: LinkState | undefined) => void): () => void;
  /** Tells the keypad that its key was taken. */
  answer(key: CallerKey): void;
  /** Shows a number on the keypad; '' clears it. */
  display(address: number, text: string): void;
}

type Ff68CallerFault = 'noLine' | 'line' | 'noAddress';

/** Whoever does this is not on a break. */
const AT_WORK: ReadonlySet<TicketMessage['kind']> = new Set(['called', 'recalled', 'served']);
/** A clerk who holds a key down is no flood; a line that says this much is. */
const KEYS_PER_SECOND = 20;
const KEYPAD_ADDRESSES = 0x80;

/**
 * FF-68 caller keys: the clerk's keypad on the line that the button box is on. We have no port of our own, so the line's
 * state is ours; what was pressed while it was gone nobody knows.
 */
export function createFf68CallerLink(parts: LinkParts<Ff68CallerSettings>): QueueLink {
  const { settings, clock } = parts;
  const address = settings.address ?? addressOf(parts.counter);
  const runId = randomUUID().slice(0, 13);
  let lineReason = '';
  const lifeline = createLifeline<Ff68CallerFault>({
    link: parts,
    // Nothing is tried here: the port's own driver does, and this only looks again.
    retry: { firstMs: 2_000, capMs: 10_000 },
    needsAHand: new Set<Ff68CallerFault>(['noLine', 'noAddress']),
    reason: (fault) => reasonOf(fault, lineReason),
    connect: () => look(),
  });
  const follower = createFollower({
    system: 'ff68-caller',
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    nowMs: () => clock.nowMs(),
    runId,
  });
  const readKey = createKeyReader(settings);
  const tickets = createBusTickets({
    settings,
    runId,
    today: () => localDate(clock.nowMs(), parts.timezone),
    monoMs: clock.monoMs,
  });
  const tooMany = createRateGate(clock, KEYS_PER_SECOND);
  let line: LinkState | undefined;
  let paused = false;
  /** For the keypad's display, once its key is answered. */
  let toShow: string | undefined;
  let begun = false;
  let endings: (() => void)[] = [];

  function look(): void {
    if (address === undefined) lifeline.lost('noAddress');
    else if (line === undefined) lifeline.lost('noLine');
    else if (line.state === 'ready') lifeline.ready();
    else if (line.state === 'lost') lost(line.reason);
  }

  function lost(reason: string): void {
    lineReason = reason;
    lifeline.lost('line');
  }

  function onLine(next: LinkState | undefined): void {
    const back = next?.state === 'ready' && line?.state !== 'ready';
    if (next?.state === 'lost' && line?.state === 'ready') tickets.lineWasGone();
    line = next;
    if (!begun || lifeline.ended() || address === undefined) return;
    if (back) lifeline.count('connections');
    look();
  }

  function onKey(key: CallerKey): void {
    if (lifeline.ended() || key.address !== address) return;
    if (tooMany()) {
      lifeline.count('floods');
      lifeline.quietLog('warn', 'queue.flood', {});
      return;
    }
    lifeline.count('messages');
    const read = readKey(key, clock.monoMs());
    switch (read.type) {
      case 'malformed':
        lifeline.refuseMalformed();
        return;
      case 'unknown':
        lifeline.refuseUnknown(key.digits.length + 1);
        return;
      case 'typing':
        answer(key);
        return;
      case 'act':
        onAct(read.act, key);
        return;
      default:
        assertNever(read);
    }
  }

  function onAct(act: KeyAct, key: CallerKey): void {
    toShow = undefined;
    if (!take(act)) return;
    answer(key);
    if (settings.answersKeys && toShow !== undefined) parts.callers?.display(key.address, toShow);
  }

  function answer(key: CallerKey): void {
    if (settings.answersKeys) parts.callers?.answer(key);
  }

  /** @returns whether it meant anything here. */
  function take(act: KeyAct): boolean {
    switch (act.act) {
      case 'nothing':
        return true;
      case 'pause':
        setPaused(!paused);
        return true;
      case 'logIn':
        lifeline.push(follower.clerkOn({ number: act.number }));
        return true;
      case 'logOut':
        lifeline.push(follower.clerkOff());
        return true;
      default:
        return say(tickets.take(act));
    }
  }

  function setPaused(next: boolean): void {
    paused = next;
    lifeline.push(follower.operate(paused ? 'pause' : 'resume'));
  }

  function say(message: TicketMessage | null): boolean {
    if (!message) {
      lifeline.count('unknown');
      lifeline.quietLog('warn', 'queue.noTicket', {});
      return false;
    }
    // The one key says both. Where its first press was not heard, the second would pause for good.
    if (paused && AT_WORK.has(message.kind)) setPaused(false);
    lifeline.push(follower.ticketEvent({ ...message, at: undefined }));
    if (message.kind === 'called' || message.kind === 'recalled') toShow = message.ticketNo;
    return true;
  }

  return {
    name: 'ff68-caller',
    start() {
      if (begun) return;
      const { callers } = parts;
      if (callers) endings = [callers.onKey(onKey), callers.onState(onLine)];
      begun = true;
      lifeline.begin();
    },
    async stop() {
      lifeline.end();
      for (const end of endings) end();
    },
    state: lifeline.state,
    // A keypad has no word for it.
    report: (result) => void follower.finished(result.serviceKey),
    counters: lifeline.counters,
  };
}

/** A keypad of counter 3 has address 3. */
function addressOf(counter: string): number | undefined {
  const number = /^\d{1,3}$/.test(counter) ? Number(counter) : Number.NaN;
  return number >= 0 && number < KEYPAD_ADDRESSES ? number : undefined;
}

/** zh-CN, for clerk and technician. */
function reasonOf(fault: Ff68CallerFault, lineReason: string): string {
  switch (fault) {
    case 'noLine':
      return '叫号键盘没有线路：请在按键设置（buttons）中写明 FF-68 总线所在的串口。';
    case 'noAddress':
      return '不知道叫号键盘的地址：窗口号不是 0–127 的数字，请在设置中填写 address。';
    case 'line':
      return `叫号键盘所在的线路断开，正在自动重连：${lineReason === '' ? '请检查串口线。' : lineReason}`;
    default:
      return assertNever(fault);
  }
}
