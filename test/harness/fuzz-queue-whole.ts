import { createCallerBus } from '../../src/core/caller-bus.ts';
import { framingOf } from '../../src/device/framing/framing-of.ts';
import { createQueueLink, type HandInvite, QueueSettingsSchema } from '../../src/queue/links.ts';
import { shippedModel } from '../support/device-model.ts';
import { bent, bentBytes } from './fuzz-queue-mutate.ts';
import type { FuzzedLink } from './fuzz-queue-readers.ts';

const model = await shippedModel('ff68');

/** Bytes of the line through the decoder into the whole link: it has no socket of its own. */
export const ff68Caller: FuzzedLink = {
  name: 'ff68-caller',
  create({ link }) {
    const bus = createCallerBus();
    bus.join('line', () => ({ acknowledgeCaller: () => {}, display: () => {} }));
    bus.state('line', { state: 'ready', sinceMs: 0 });
    const settings = QueueSettingsSchema.parse({ kind: 'ff68-caller', address: 3, numbersRepeat: true });
    createQueueLink({ ...link, settings, callers: bus.callers }).start();
    const decoder = framingOf(model, { address: 0x83 }).decoder();
    return (chance) => {
      const digits = Array.from({ length: chance.below(3) }, () => chance.below(11));
      const key = chance.pick([0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13, 0x05]);
      const counted = [3, 0x10, ...digits, key];
      const sum = counted.reduce((total, byte) => total + byte, 0) % 256;
      const frame = Uint8Array.from([
        0xff,
        0x68,
        counted.length,
        counted.length,
        0x68,
        ...counted,
        sum,
        0x16,
      ]);
      for (const signal of decoder.push(bentBytes(frame, chance)).signals)
        if (signal.kind === 'caller') bus.key('line', signal);
    };
  },
};

/** What a scanner writes or a clerk types, through the link's own entry. */
export const manual: FuzzedLink = {
  name: 'manual',
  create({ link }) {
    const settings = QueueSettingsSchema.parse({ kind: 'manual', apartMs: 1_000, perHour: 360 });
    const byHand = createQueueLink({ ...link, settings });
    byHand.start();
    return (chance) => {
      const number = String(chance.below(400)).padStart(3, '0');
      const request =
        chance.below(2) === 0 ? { ticketNumber: `A${number}` } : { projectNo: `37202605${number}` };
      // A staff port refuses whatever is no object of two texts; the link is not spared it here.
      byHand.invite?.(bent(request, chance) as HandInvite);
    };
  },
};
