import { randomUUID } from 'node:crypto';
import { assertNever, type Clerk } from '../shared/words.ts';
import { createBoundedMap } from './bounded.ts';
import { createFollower } from './follow.ts';
import { createLifeline } from './lifeline.ts';
import { type MqttConnection, openMqttConnection } from './mqtt/connection.ts';
import { type MqttFault, mqttReason, NEEDS_A_HAND } from './mqtt/reasons.ts';
import type { MqttSettings } from './mqtt/settings.ts';
import { clientIdOf, type HeardTopic, topicsOf } from './mqtt/topics.ts';
import { readMqttMessage, readTabletRun, writeMqttMessage } from './mqtt/wire.ts';
import type { LinkParts, QueueLink, ServiceResult } from './queue-link.ts';
import { createResultBox } from './result-box.ts';
import type { Present } from './ticket.ts';

/** So long after we subscribed the queue system's own presence has come, if it ever said it. */
const PRESENCE_LIMIT_MS = 1000;
/** A state may overtake the event that led to it; taken alone it would be an event of its own. */
const STATE_GRACE_MS = 300;
/** Operations that are remembered, to know a repetition. */
const OPERATIONS_KEPT = 500;

/**
 * MQTT 5: a broker stands between the queue system and us. It keeps what happens while we are away, and the present
 * state for whoever comes; topics and payloads are ours (docs/queue-links/mqtt.md).
 */
export function createMqttLink(parts: LinkParts<MqttSettings>): QueueLink {
  const { settings, clock } = parts;
  const counter = settings.winNum ?? parts.counter;
  const topics = topicsOf({ root: settings.topicRoot, hall: parts.hall, counter });
  // A broker ends the connection of whoever has the same name.
  const clientId = `${clientIdOf(parts.hall, counter)}${parts.trial ? '-trial' : ''}`;
  const context = { ...settings, address: new URL(settings.url).host, topics, counter, clientId };
  const lifeline = createLifeline<MqttFault>({
    link: parts,
    retry: { firstMs: settings.retryFirstMs, capMs: settings.retryCapMs },
    needsAHand: NEEDS_A_HAND,
    reason: (fault) => mqttReason(fault, context),
    connect: () => connect(),
  });
  const { arm, disarm, handOn, push, quietLog } = lifeline;
  const runId = randomUUID();
  const follower = createFollower({
    system: 'mqtt',
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    nowMs: () => clock.nowMs(),
    runId,
  });
  const results = createResultBox();
  const operated = createBoundedMap<string, true>(OPERATIONS_KEPT);

  let connection: MqttConnection | undefined;
  /** Of this connection, and of any before it. */
  let opened = false;
  let openedBefore = false;
  /** What the broker kept has been said, and the queue system is there: of this connection. */
  let caughtUp = false;
  /** Undefined until the queue system was heard of. */
  let isThere: boolean | undefined;
  /** What the queue side last said of the counter, until it is taken, and whether anything happened since. */
  let pending: Present | undefined;
  let isOvertaken = false;

  const connect = () => {
    // A queue system that is gone comes back on the connection we have.
    if (connection) return;
    results.unsend();
    pending = undefined;
    caughtUp = false;
    isThere = settings.systemPresence ? undefined : true;
    openedBefore ||= opened;
    opened = false;
    connection = openMqttConnection({
      settings,
      clock,
      topics,
      clientId,
      // A trial's word would stand in the place of the tablet's, and be taken for another tablet's.
      presence: parts.trial
        ? undefined
        : {
            online: writeMqttMessage({ online: true, by: runId, at: clock.nowMs() }),
            offline: writeMqttMessage({ online: false, by: runId }),
          },
      onOpen,
      onCaughtUp,
      onMessage,
      onTablet,
      onEnded(fault) {
        connection = undefined;
        lifeline.lost(fault);
      },
      count: lifeline.count,
    });
  };

  const onOpen = (resumed: boolean) => {
    opened = true;
    if (!resumed) quietLog('info', 'queue.newSession', {});
    sendResults();
    // It may have come before the answer to the subscription did.
    if (isThere === undefined) arm('presence', PRESENCE_LIMIT_MS, () => lifeline.lost('systemAbsent'));
  };
  /** What happened until here was told as long as the link was not there: nobody is asked about it any more. */
  const onCaughtUp = () => {
    caughtUp = true;
    if (isOvertaken) arm('state', STATE_GRACE_MS, takeState);
    else takeState();
    readyWhenWhole();
  };
  const readyWhenWhole = () => {
    if (caughtUp && isThere) lifeline.ready();
  };

  /**
   * Not every broker says that a session was taken over. But what we last left there was our own presence: another's
   * in its place is of somebody who came in between.
   */
  const onTablet = (payload: Uint8Array) => {
    const by = readTabletRun(payload);
    if (openedBefore && by !== undefined && by !== runId) connection?.fail('takenOver');
  };

  const onPresence = (online: boolean) => {
    disarm('presence');
    if (!settings.systemPresence) return;
    isThere = online;
    if (online) readyWhenWhole();
    else lifeline.lost('systemOffline');
  };

  const takeState = () => {
    disarm('state');
    if (!pending) return;
    handOn(follower.state(pending));
    pending = undefined;
    lifeline.stateTold();
  };
  const onState = (present: Present, retained: boolean) => {
    pending = present;
    isOvertaken = false;
    if (!caughtUp) return;
    if (retained) takeState();
    else arm('state', STATE_GRACE_MS, takeState);
  };
  const onClerk = (clerk: Clerk | undefined) => {
    if (clerk) handOn(follower.clerkOn(clerk));
  };

  const onMessage = (topic: HeardTopic, payload: Uint8Array, retained: boolean) => {
    const message = readMqttMessage(topic, payload);
    switch (message.type) {
      case 'system':
        return onPresence(message.online);
      case 'state':
        onClerk(message.clerk);
        return onState(message.present, retained);
      case 'ticketEvent':
        onClerk(message.clerk);
        push(follower.ticketEvent(message.ticketEvent));
        isOvertaken = true;
        if (pending && caughtUp) arm('state', STATE_GRACE_MS, takeState);
        return;
      case 'operate':
        if (operated.has(message.id)) return push([]);
        operated.set(message.id, true);
        return push(follower.operate(message.operation));
      case 'unknown':
        lifeline.refuseUnknown(payload.length);
        if (message.version && topic === 'system') {
          disarm('presence');
          isThere = false;
          lifeline.lost('version');
        }
        return;
      case 'malformed':
        return lifeline.refuseMalformed();
      default:
        return assertNever(message);
    }
  };

  const sendResults = () => {
    if (!connection) return;
    for (const result of results.unsent()) {
      connection.publish(topics.results, writeMqttMessage(result), (taken) => {
        results.answered();
        if (taken) return;
        lifeline.count('resultsDropped');
        quietLog('warn', 'queue.resultRefused', { topic: topics.results });
      });
    }
  };

  return {
    name: 'mqtt',
    tellsState: true,
    tellsHistory: true,
    start: lifeline.begin,
    async stop() {
      lifeline.end();
      const closing = connection;
      connection = undefined;
      await closing?.close();
    },
    state: lifeline.state,
    report(result: ServiceResult) {
      const reference = follower.finished(result.serviceKey);
      if (!reference) return;
      if (!results.put({ ...reference, rated: result.rated, at: result.atMs }))
        lifeline.count('resultsDropped');
      lifeline.count('resultsSent');
      sendResults();
    },
    counters: lifeline.counters,
  };
}
