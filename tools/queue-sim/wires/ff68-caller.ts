import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { createPtyPair, type PtyPair } from '../../button-box/pty-pair.ts';
import type { SimKind, SimWire, SimWorld, StartWire } from '../wire.ts';

/** Keys of the published table; frames are put together here byte by byte, apart from the tablet's own code. */
const KEY = {
  evaluate: 0x0b,
  call: 0x0c,
  recall: 0x0d,
  functions: 0x0f,
  pause: 0x12,
  transfer: 0x13,
} as const;
const GIVE_UP = 6;
/** Any function but 11 (an evaluator's press) is a keypad's. */
const FUNC = 0x01;
/** A key that means nothing to the tablet is not answered: real time until that is taken for its answer. */
const ANSWER_LIMIT_MS = 100;

export interface Ff68CallerOptions {
  /** A cable that is plugged already; by default the wire has one of its own. */
  readonly cable?: PtyPair;
  /** Whether the clerk types the ticket's number before each call. Default true. */
  readonly numbers?: boolean;
}

/**
 * A clerk's keypad on the button bus, one for each counter, on one simulated cable. Its address is the counter's number. The bus has no words
 * for results, for a reset, or for what is so now.
 */
export function ff68CallerWire(options: Ff68CallerOptions = {}): StartWire {
  return (world) => start(world, options);
}

async function start(world: SimWorld, options: Ff68CallerOptions): Promise<SimWire> {
  const folder = options.cable ? undefined : await mkdtemp(join(tmpdir(), 'yiping-caller-bus-'));
  const cable = options.cable ?? createPtyPair({ folder: folder ?? tmpdir() });
  const paused = new Map<string, boolean>();
  const lastRequest = new Map<string, Uint8Array>();
  let port: SerialPort | undefined;
  /** Frames that the tablet has not given back yet, as hex, oldest first. */
  let unanswered: readonly string[] = [];
  let saidAtMs = 0;
  let heard = '';
  /** The cable is plugged and pulled one after the other, in the order asked for. */
  let turn: Promise<void> = Promise.resolve();

  const plug = async () => {
    await cable.plug();
    const opened = new SerialPort({ path: cable.boxPath, baudRate: 9600, autoOpen: false });
    opened.on('error', () => {});
    opened.on('data', (bytes: Buffer) => {
      world.onMessage({ direction: 'in', counter: null, text: hex(bytes), atMs: world.nowMs() });
      answered(hex(bytes));
      world.changed();
    });
    await new Promise<void>((resolve, reject) => {
      opened.open((error) => (error ? reject(error) : resolve()));
    });
    port = opened;
  };
  /** The bus gives a key back as it was, in their order; one that meant nothing is passed over. */
  const answered = (text: string) => {
    heard = `${heard} ${text}`.slice(-1_000);
    for (;;) {
      const at = unanswered.findIndex((frame) => heard.includes(frame));
      const frame = unanswered[at];
      if (frame === undefined) return;
      unanswered = unanswered.slice(at + 1);
      heard = heard.slice(heard.indexOf(frame) + frame.length);
    }
  };
  const pull = async () => {
    unanswered = [];
    heard = '';
    const closing = port;
    port = undefined;
    await cable.pull();
    await new Promise<void>((resolve) => {
      if (closing?.isOpen) closing.close(() => resolve());
      else resolve();
    });
  };
  const then = (what: () => Promise<void>) => {
    turn = turn.then(what, what);
    return turn;
  };

  const send = (counter: string, bytes: Uint8Array) => {
    if (!port?.isOpen) return;
    port.write(Buffer.from(bytes));
    unanswered = [...unanswered, hex(bytes)];
    saidAtMs = performance.now();
    world.onMessage({ direction: 'out', counter, text: hex(bytes), atMs: world.nowMs() });
  };
  const press = (counter: string, key: number, digits: readonly number[] = []) =>
    send(counter, keyFrame(Number(counter), key, digits));

  const tell = (kind: SimKind, counter: string, number: string) => {
    switch (kind) {
      case 'called': {
        // A frame holds two digits before its key; the ones before them are keys of their own.
        const digits =
          options.numbers === false ? [] : [...number].filter((one) => /\d/.test(one)).map(Number);
        for (const digit of digits.slice(0, -2)) press(counter, digit);
        return press(counter, KEY.call, digits.slice(-2));
      }
      case 'recalled':
        return press(counter, KEY.recall);
      case 'served':
        lastRequest.set(counter, keyFrame(Number(counter), KEY.evaluate, []));
        return press(counter, KEY.evaluate);
      case 'skipped':
        return press(counter, KEY.functions, [GIVE_UP]);
      case 'transferred':
        return press(counter, KEY.transfer);
    }
  };

  await plug();
  return {
    url: cable.hostPath,
    // This hall has several queues, and no keypad can type their letters.
    settings: (counter) => ({ kind: 'ff68-caller', address: Number(counter), numbersRepeat: true }),
    tell: ({ kind, counter, ticket }) => tell(kind, counter, ticket.number),
    operate(counter, operation) {
      if (operation === 'reset') return;
      const pause = operation === 'pause';
      // One key for both: a clerk presses it where it changes something.
      if ((paused.get(counter) ?? false) === pause) return;
      paused.set(counter, pause);
      press(counter, KEY.pause);
    },
    repeat(counter) {
      const last = lastRequest.get(counter);
      if (last) send(counter, last);
    },
    tablets: () => (port?.isOpen ? 1 : 0),
    busy: () => unanswered.length > 0 && performance.now() - saidAtMs < ANSWER_LIMIT_MS,
    raw: (counter, data) => send(counter, typeof data === 'string' ? Buffer.from(data, 'latin1') : data),
    cut: () => void then(pull).catch(() => {}),
    restore: () => void then(plug).catch(() => {}),
    async restart() {
      await then(pull);
      await then(plug);
    },
    async stop() {
      await then(pull);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `FF 68 LEN LEN 68 ADDR FUNC DATA… CS 16` */
function keyFrame(address: number, key: number, digits: readonly number[]): Uint8Array {
  const counted = [address, FUNC, ...digits, key];
  const sum = counted.reduce((total, byte) => total + byte, 0) % 256;
  return Uint8Array.from([0xff, 0x68, counted.length, counted.length, 0x68, ...counted, sum, 0x16]);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}
