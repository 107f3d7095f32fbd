import { describe, expect, it } from 'vitest';
import type { PortMessage, PortRequest } from '../shared/screen/contract.ts';
import type { Snapshot } from '../shared/screen/snapshot.ts';
import type { InvitationId } from '../shared/words.ts';
import { createCitizenBridge } from './citizen-bridge.ts';
import { CALL_TIMEOUT_MS, type CorePort } from './port-calls.ts';

const invitation = '0199e0c2-7a10-7b3e-9c55-2f6d1a4b8e01' as InvitationId;
const idle: Snapshot = {
  revision: 1,
  locale: 'zh-CN',
  hall: { 'zh-CN': '滨海市政务服务中心' },
  counter: { number: '3' },
  buttons: 'none',
  screen: { name: 'idle' },
};

type Listener = (event: { readonly data?: unknown }) => void;

function createFakePort() {
  const listeners: Record<string, Listener[]> = {};
  const sent: PortRequest[] = [];
  const state = { started: false, closed: false };
  const port: CorePort = {
    postMessage: (message) => sent.push(message),
    start: () => {
      state.started = true;
    },
    close: () => {
      state.closed = true;
    },
    addEventListener: (type, listener) => {
      listeners[type] = [...(listeners[type] ?? []), listener];
    },
  };
  return {
    port,
    sent,
    state,
    says(message: PortMessage) {
      for (const listener of listeners['message'] ?? []) listener({ data: message });
    },
    dies() {
      for (const listener of listeners['close'] ?? []) listener({});
    },
  };
}

function createBridgeWithTimers() {
  const timers = new Set<{ callback: () => void; delayMs: number }>();
  const parts = createCitizenBridge({
    later(callback, delayMs) {
      const timer = { callback, delayMs };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  return { ...parts, timers };
}

describe('the bridge of the citizen screen', () => {
  it('exposes the verbs and nothing else', () => {
    const { bridge } = createBridgeWithTimers();
    expect(Object.keys(bridge).sort()).toEqual(
      ['choose', 'confirm', 'corner', 'decline', 'finish', 'help', 'onSnapshot', 'speak', 'tick'].sort(),
    );
  });

  it('sends a call as one frame and resolves with the reply of the same id', async () => {
    const { bridge, attach, timers } = createBridgeWithTimers();
    const core = createFakePort();
    attach(core.port);
    expect(core.state.started).toBe(true);
    const first = bridge.choose({ invitation, level: 4 });
    const second = bridge.speak({ locale: 'en' });
    expect(core.sent).toEqual([
      { id: 1, verb: 'choose', request: { invitation, level: 4 } },
      { id: 2, verb: 'speak', request: { locale: 'en' } },
    ]);
    core.says({ type: 'reply', id: 2, reply: { accepted: false, reason: 'notNow' } });
    core.says({ type: 'reply', id: 1, reply: { accepted: true } });
    expect(await first).toEqual({ accepted: true });
    expect(await second).toEqual({ accepted: false, reason: 'notNow' });
    expect(timers.size).toBe(0);
  });

  it('rejects a call the core refuses, saying why', async () => {
    const { bridge, attach } = createBridgeWithTimers();
    const core = createFakePort();
    attach(core.port);
    const call = bridge.confirm({ invitation });
    core.says({ type: 'refused', id: 1, error: 'invitation: must be a UUID' });
    await expect(call).rejects.toThrow('must be a UUID');
  });

  it('rejects at once while there is no core', async () => {
    const { bridge } = createBridgeWithTimers();
    await expect(bridge.decline({ invitation })).rejects.toThrow('not reachable');
  });

  it('gives up a call without an answer, and ignores the answer that comes later', async () => {
    const { bridge, attach, timers } = createBridgeWithTimers();
    const core = createFakePort();
    attach(core.port);
    const call = bridge.finish({ invitation });
    const [timer] = timers;
    expect(timer?.delayMs).toBe(CALL_TIMEOUT_MS);
    timer?.callback();
    await expect(call).rejects.toThrow('no answer');
    core.says({ type: 'reply', id: 1, reply: { accepted: true } });
  });

  it('passes every snapshot on, and the latest one to a listener that comes late', () => {
    const { bridge, attach } = createBridgeWithTimers();
    const core = createFakePort();
    attach(core.port);
    core.says({ type: 'push', verb: 'snapshot', body: idle });
    const seen: Array<Snapshot | null> = [];
    bridge.onSnapshot((snapshot) => seen.push(snapshot));
    core.says({ type: 'push', verb: 'snapshot', body: { ...idle, revision: 2 } });
    expect(seen.map((snapshot) => snapshot?.revision)).toEqual([1, 2]);
  });

  it('says null and rejects what is pending when the core goes away', async () => {
    const { bridge, attach } = createBridgeWithTimers();
    const core = createFakePort();
    attach(core.port);
    const seen: Array<Snapshot | null> = [];
    bridge.onSnapshot((snapshot) => seen.push(snapshot));
    const call = bridge.choose({ invitation, level: 1 });
    core.dies();
    expect(seen).toEqual([null]);
    await expect(call).rejects.toThrow('went away');
  });

  it('lets a new port take the place of the old, and hears the old one no more', async () => {
    const { bridge, attach } = createBridgeWithTimers();
    const old = createFakePort();
    const fresh = createFakePort();
    attach(old.port);
    const seen: Array<Snapshot | null> = [];
    bridge.onSnapshot((snapshot) => seen.push(snapshot));
    const call = bridge.choose({ invitation, level: 1 });
    attach(fresh.port);
    await expect(call).rejects.toThrow('restarted');
    expect(old.state.closed).toBe(true);
    old.dies();
    old.says({ type: 'push', verb: 'snapshot', body: idle });
    expect(seen).toEqual([]);
    fresh.says({ type: 'push', verb: 'snapshot', body: idle });
    expect(seen).toEqual([idle]);
  });
});
