/** Looks into the province's ledger for one device, and listens to its alarms. */
import { z } from 'zod';
import type { HeldEntry, ProvinceAlarm, ProvinceOffice } from './province-office.ts';

const POLL_MS = 400;
const LISTEN_AGAIN_MS = 2_000;

const LiveStateSchema = z.object({
  alarms: z.array(
    z.object({
      deviceId: z.string(),
      kind: z.string(),
      seq: z.int(),
      lastAtMs: z.number(),
      times: z.int(),
    }),
  ),
});

export interface ProvinceWatch {
  start(): void;
  alarms(): readonly ProvinceAlarm[];
  stop(): void;
}

export function createProvinceWatch(parts: {
  readonly office: ProvinceOffice;
  readonly deviceId: string;
  readonly onEntries: (entries: readonly HeldEntry[]) => void;
  readonly onAlarms: () => void;
}): ProvinceWatch {
  const { office, deviceId } = parts;
  const ended = new AbortController();
  let seen = 0;
  let alarms: readonly ProvinceAlarm[] = [];

  async function poll(): Promise<void> {
    try {
      const entries = await office.entries(deviceId, seen);
      seen = entries.at(-1)?.seq ?? seen;
      if (entries.length > 0) parts.onEntries(entries);
    } catch {
      // It is away, and its row in the table of connections says so.
    }
    if (!ended.signal.aborted) setTimeout(() => void poll(), POLL_MS);
  }

  async function listen(): Promise<void> {
    try {
      if (office.url !== undefined) await listenOnce(office.url);
    } catch {
      // As above.
    }
    if (!ended.signal.aborted) setTimeout(() => void listen(), LISTEN_AGAIN_MS);
  }

  async function listenOnce(url: string): Promise<void> {
    const response = await fetch(`${url}/live`, { signal: ended.signal });
    if (!response.ok || !response.body) return;
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      messages.forEach(take);
    }
  }

  function take(message: string): void {
    const data = /^event: state\ndata: (.*)$/m.exec(message)?.[1];
    if (data === undefined) return;
    const state = LiveStateSchema.safeParse(JSON.parse(data));
    if (!state.success) return;
    alarms = state.data.alarms.filter((alarm) => alarm.deviceId === deviceId);
    parts.onAlarms();
  }

  return {
    start() {
      void poll();
      void listen();
    },
    alarms: () => alarms,
    stop: () => ended.abort(),
  };
}
