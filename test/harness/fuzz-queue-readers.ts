import { createChanges } from '../../src/queue/database/changes.ts';
import { readViewRows } from '../../src/queue/database/rows.ts';
import type { createFollower } from '../../src/queue/follow.ts';
import { compareFqm, type FqmLook, readFqmTickets } from '../../src/queue/http/fqm.ts';
import { readPoll, readPush } from '../../src/queue/http/message.ts';
import type { createLifeline } from '../../src/queue/lifeline.ts';
import type { LinkParts } from '../../src/queue/links.ts';
import { readMqttMessage } from '../../src/queue/mqtt/wire.ts';
import { readNotify } from '../../src/queue/pad/notify.ts';
import { caseInAddress, readPadMessage } from '../../src/queue/pad/wire.ts';
import { readMessage, readState, readUserName } from '../../src/queue/rate-service/wire.ts';
import type { QueueEvent } from '../../src/shared/queue-event.ts';
import type { Chance } from './crash-chance.ts';
import { asText, bent, bentBytes } from './fuzz-queue-mutate.ts';
import { ff68Caller, manual } from './fuzz-queue-whole.ts';

type Follower = ReturnType<typeof createFollower>;
type Door = Pick<
  ReturnType<typeof createLifeline<string>>,
  'push' | 'handOn' | 'refuseMalformed' | 'refuseUnknown'
>;

/** What a link does with one message of the other side, from the text as it came to events: its pure part. */
export interface FuzzedLink {
  readonly name: string;
  /** @param door where events go out and refusals are counted. */
  create(parts: {
    readonly door: Door;
    readonly follower: Follower;
    readonly link: LinkParts<unknown>;
  }): (chance: Chance) => void;
}

const TICKET = {
  ticketNo: 'A001',
  queue: '社会保险',
  serial: '77',
  handling: 1,
  rateId: '20260506093015',
  item: '社保参保登记',
  projectNo: '37202605062014',
  taskCode: '370000000000',
  date: '2026-05-06',
  token: 'aaa.bbb.ccc',
  citizen: '赵明远',
};
const KINDS = ['called', 'recalled', 'served', 'skipped', 'transferred'] as const;
const OPERATIONS = ['pause', 'resume', 'reset'] as const;

/** Numbers run, so that what is right after bending is also followed. */
function ticketOf(chance: Chance) {
  const serial = String(chance.below(400));
  return { ...TICKET, serial, ticketNo: `A${serial.padStart(3, '0')}`, rateId: `r${serial}` };
}
function ticketEventOf(chance: Chance) {
  return {
    ...ticketOf(chance),
    eventId: `e${chance.below(100_000)}`,
    kind: chance.pick(KINDS),
    at: chance.below(2) === 0 ? 1_778_031_015_000 : '2026-05-06T01:30:15Z',
  };
}
function stateOf(chance: Chance) {
  const phase = chance.pick(['idle', 'serving', 'rating'] as const);
  return {
    paused: chance.below(2) === 0,
    phase,
    ticket: phase === 'idle' ? null : ticketOf(chance),
    at: 1_778_031_015_000,
  };
}

const rateService: FuzzedLink = {
  name: 'rate-service',
  create:
    ({ door, follower }) =>
    (chance) => {
      const valid = [
        {
          method: 'RateQuest',
          param: {
            rateId: `r${chance.below(400)}`,
            transactor: '赵明远',
            item: '登记',
            date: '2026/5/6 0:00:00',
            reserveSeq: '',
          },
        },
        { method: 'RateOperate', param: { operate: chance.pick(['Pause', 'Resume', 'Reset', '0']) } },
        { method: 'TicketEvent', param: ticketEventOf(chance) },
        { request: 'GetState', code: '0', result: stateOf(chance) },
        { request: 'GetUserList', code: 0, result: [{ UserCode: '1001', UserName: '李慧敏' }] },
      ][chance.below(5)];
      const message = readMessage(asText(bent(valid ?? {}, chance), chance));
      switch (message.type) {
        case 'rateQuest':
          return door.push(follower.request(message.rateQuest));
        case 'operate':
          return door.push(follower.operate(message.operation));
        case 'ticketEvent':
          return door.push(follower.ticketEvent(message.ticketEvent));
        case 'reply': {
          const now = readState(message.result);
          if (now) door.handOn(follower.state(now));
          const name = readUserName(message.result, '1001');
          if (name !== undefined) door.handOn(follower.clerkOn({ number: '1001', name }));
          return;
        }
        case 'unknown':
          return door.refuseUnknown(1);
        case 'malformed':
          return door.refuseMalformed();
      }
    },
};

const mqtt: FuzzedLink = {
  name: 'mqtt',
  create:
    ({ door, follower }) =>
    (chance) => {
      const topic = chance.pick(['events', 'state', 'operate', 'system'] as const);
      const clerk = { number: '1001', name: '李慧敏', stars: 5 };
      const valid = {
        events: { v: 1, ...ticketEventOf(chance), clerk },
        state: { v: 1, ...stateOf(chance), clerk },
        operate: { v: 1, id: `o${chance.below(9_999)}`, operate: chance.pick(OPERATIONS) },
        system: { v: 1, online: true },
      }[topic];
      const text = Buffer.from(asText(bent(valid, chance), chance));
      const message = readMqttMessage(topic, chance.below(20) === 0 ? bentBytes(text, chance) : text);
      switch (message.type) {
        case 'state':
          if (message.clerk) door.handOn(follower.clerkOn(message.clerk));
          return door.handOn(follower.state(message.present));
        case 'ticketEvent':
          if (message.clerk) door.handOn(follower.clerkOn(message.clerk));
          return door.push(follower.ticketEvent(message.ticketEvent));
        case 'operate':
          return door.push(follower.operate(message.operation));
        case 'system':
          return;
        case 'unknown':
          return door.refuseUnknown(text.length);
        case 'malformed':
          return door.refuseMalformed();
      }
    },
};

const httpPush: FuzzedLink = {
  name: 'http-push',
  create:
    ({ door, follower }) =>
    (chance) => {
      const valid = [
        { v: 1, type: 'ticket', counter: '3', ...ticketEventOf(chance) },
        { type: 'operation', counter: '3', operation: chance.pick(OPERATIONS) },
        { type: 'state', ...stateOf(chance), clerk: { number: '1001', name: '李慧敏' } },
      ][chance.below(3)];
      const message = readPush(asText(bent(valid ?? {}, chance), chance));
      switch (message.type) {
        case 'ticket':
          return door.push(follower.ticketEvent(message.ticketEvent));
        case 'operation':
          return door.push(follower.operate(message.operation));
        case 'state':
          if (message.clerk) door.handOn(follower.clerkOn(message.clerk));
          return door.handOn(follower.state(message.present));
        case 'version':
        case 'malformed':
          return door.refuseMalformed();
      }
    },
};

const httpPoll: FuzzedLink = {
  name: 'http-poll',
  create: ({ door, follower }) => {
    let look: FqmLook | undefined;
    const fqmParts = {
      counter: '3',
      offices: { '1': '3' },
      tasks: { '1': '登记' },
      processedMeans: 'served',
    } as const;
    return (chance) => {
      if (chance.below(2) === 0) {
        const valid = {
          v: 1,
          counter: '3',
          ...stateOf(chance),
          events: [
            ticketEventOf(chance),
            { eventId: `o${chance.below(999)}`, kind: chance.pick(OPERATIONS) },
          ],
        };
        const message = readPoll(asText(bent(valid, chance), chance));
        if (message.type !== 'state') return door.refuseMalformed();
        for (const event of message.events)
          if (!('ticketNo' in event)) door.push(follower.operate(event.kind));
          else door.push(follower.ticketEvent(event));
        return door.handOn(follower.state(message.present));
      }
      const one = (id: number) => ({
        id,
        number: 100 + id,
        name: '赵明远',
        date: '2026-05-06 09:30:00',
        p: true,
        pdt: '2026-05-06 09:31:00',
        status: chance.pick(['Waiting', 'Processed', 'Unattended']),
        on_hold: false,
        office_id: 1,
        task_id: 1,
      });
      const tickets = readFqmTickets(asText(bent([one(chance.below(50)), one(50)], chance), chance));
      if (!tickets) return door.refuseMalformed();
      const compared = compareFqm(look && { look, lookedBeforeMs: 800 }, tickets, fqmParts);
      look = compared.look;
      for (const event of compared.happened) door.push(follower.ticketEvent(event));
      door.handOn(follower.state(compared.present));
    };
  },
};

const database: FuzzedLink = {
  name: 'database',
  create: ({ door, follower }) => {
    const settings = {
      statuses: {
        called: ['叫号'],
        serving: ['办理'],
        served: ['办结'],
        skipped: ['过号'],
        transferred: ['转号'],
        ignored: ['等待'],
      },
      maxRows: 50,
      openForMs: 180_000,
    };
    const changes = createChanges(settings);
    let acts = 0;
    return (chance) => {
      const row = () => ({
        ...ticketOf(chance),
        status: chance.pick(['叫号', '办理', '办结', '过号', '转号']),
        counter: '3',
        mark: `2026-05-06 09:${String(chance.below(60)).padStart(2, '0')}:00.${chance.below(999)}`,
        ageMs: String(chance.below(400_000)),
        clerk: '1001',
        clerkName: '李慧敏',
      });
      const read = readViewRows(bent([row(), row()], chance), settings, '3');
      if (read.malformed > 0) door.refuseMalformed();
      const found = changes.look(read.rows);
      switch (found.type) {
        case 'present':
          return door.handOn(follower.state({ phase: found.phase, ticket: found.row?.ticket }));
        case 'changes':
          for (const { kind, row: changed } of found.changes) {
            acts += 1;
            door.push(follower.ticketEvent({ ...changed.ticket, kind, eventId: `d${acts}`, at: undefined }));
          }
      }
    };
  },
};

const pad: FuzzedLink = {
  name: 'pad',
  create:
    ({ door, follower }) =>
    (chance) => {
      if (chance.below(2) === 0) {
        const valid = [
          { code: 40001, state: 1, msg: 'ok', data: null },
          { code: 40000, state: 1, msg: '', data: '1778031015000' },
          { code: 50100, state: 1, msg: '', data: `http://10.0.0.5/rate?id=${chance.below(400)}` },
          { code: 40002, state: 0, msg: '格式错误' },
        ][chance.below(4)];
        const message = readPadMessage(asText(bent(valid ?? {}, chance), chance));
        if (message.type === 'malformed') return door.refuseMalformed();
        if (message.type !== 'openAddress') return;
        const projectNo = caseInAddress(message.address, ['id', 'affairSerialNo']);
        if (projectNo !== undefined)
          door.push(
            follower.request({
              rateId: projectNo,
              item: undefined,
              date: undefined,
              token: undefined,
              projectNo,
            }),
          );
        return;
      }
      const valid = {
        evalProcess: chance.pick(['1', '2']),
        affairDealNo: '1001',
        affairSerialNo: `c${chance.below(400)}`,
        affairCode: '123',
        affairName: '登记',
        affairDealOfficer: '李慧敏',
        affairApplyTime: '20260506093015',
        affairHandleItem: '0',
        userName: '赵明远',
        contactPhone: '13800000000',
        certificateNo: '370000199001010000',
      };
      const text = asText(bent(valid, chance), chance);
      const form = chance.below(2) === 0;
      const read = readNotify({
        contentType: form ? 'application/x-www-form-urlencoded' : 'application/json',
        query: new URLSearchParams(chance.below(3) === 0 ? text : ''),
        body: form ? text.replaceAll(/["{}]/g, '').replaceAll(':', '=').replaceAll(',', '&') : text,
      });
      if (!read) return door.refuseMalformed();
      door.push(
        follower.ticketEvent({
          ticketNo: read.serialNo,
          queue: undefined,
          serial: '',
          handling: 1,
          rateId: undefined,
          item: read.item,
          projectNo: read.serialNo,
          taskCode: read.taskCode,
          date: undefined,
          token: undefined,
          kind: read.done ? 'served' : 'called',
          eventId: `${read.serialNo}-${read.done}`,
          at: undefined,
        }),
      );
    },
};

export const FUZZED_LINKS: readonly FuzzedLink[] = [
  rateService,
  mqtt,
  httpPush,
  httpPoll,
  database,
  pad,
  ff68Caller,
  manual,
];

export type { Door, Follower, QueueEvent };
