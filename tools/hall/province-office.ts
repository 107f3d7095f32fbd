/** The reference province as a child process, and the administrator who registers the device and looks at the ledger. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { createSupervised, type SupervisedState } from './supervised.ts';

/** An entry as the province holds it. */
export interface HeldEntry {
  readonly seq: number;
  readonly kind: string;
  readonly hash: string;
  readonly receivedAtMs: number;
}

export interface ProvinceAlarm {
  readonly kind: string;
  readonly seq: number;
  readonly lastAtMs: number;
  readonly times: number;
}

export interface ProvinceOffice {
  /** Resolves with the address once it answers; rejects with its own words when it ends before. */
  start(): Promise<string>;
  process(): SupervisedState;
  readonly url: string | undefined;
  readonly port: number | undefined;
  register(device: {
    readonly deviceId: string;
    readonly publicKey: string;
    readonly suite: string;
    readonly hall: string;
    readonly counter: string;
  }): Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;
  entries(deviceId: string, afterSeq: number): Promise<readonly HeldEntry[]>;
  stop(): Promise<void>;
}

const READY = /province ready at (http:\S+)/;
const START_LIMIT_MS = 60_000;
const ASK_LIMIT_MS = 5_000;

const EntriesSchema = z.object({
  entries: z.array(z.object({ seq: z.int(), kind: z.string(), hash: z.string(), receivedAtMs: z.number() })),
});
const ProblemSchema = z.object({ message: z.string() });

/** @param parts `app` is the checkout; DATABASE_URL in `env` takes the place of the database in `folder`. */
export function createProvinceOffice(parts: {
  readonly app: string;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (text: string) => void;
  readonly onChange: () => void;
}): ProvinceOffice {
  // Made for this run, given in the environment and written nowhere.
  const token = randomBytes(24).toString('base64url');
  let url: string | undefined;
  let said = '';
  let whenReady: (url: string) => void = () => {};
  let whenEnded: () => void = () => {};

  const child = createSupervised({
    command: {
      command: process.execPath,
      args: [join(parts.app, 'src/province/main.ts'), '--port', '0', '--data', parts.folder],
      cwd: parts.app,
      env: { ...parts.env, YIPING_ADMIN_TOKEN: token },
    },
    onOutput(from, text) {
      parts.log(text);
      said = (said + text).slice(-3_000);
      const found = from === 'stdout' ? READY.exec(text)?.[1] : undefined;
      if (found === undefined) return;
      url = found;
      whenReady(found);
      parts.onChange();
    },
    onChange() {
      if (!child.state().running) {
        url = undefined;
        if (child.state().starts > 0) whenEnded();
      }
      parts.onChange();
    },
  });

  async function ask(path: string, init: RequestInit = {}): Promise<{ ok: boolean; body: unknown }> {
    if (url === undefined) throw new Error('the province does not run');
    const response = await fetch(url + path, {
      ...init,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ASK_LIMIT_MS),
    });
    return { ok: response.ok, body: await response.json() };
  }

  return {
    start: () =>
      new Promise((resolve, reject) => {
        const fail = (what: string) => reject(new Error(`The province ${what}:\n${said.trim()}`));
        const limit = setTimeout(() => fail('did not become ready'), START_LIMIT_MS);
        whenReady = (found) => {
          clearTimeout(limit);
          resolve(found);
        };
        whenEnded = () => {
          clearTimeout(limit);
          fail('did not start');
        };
        child.start();
      }),
    process: () => child.state(),
    get url() {
      return url;
    },
    get port() {
      return url === undefined ? undefined : Number(new URL(url).port);
    },
    async register(device) {
      try {
        const { ok, body } = await ask('/v1/devices', { method: 'POST', body: JSON.stringify(device) });
        if (ok) return { ok: true };
        return { ok: false, message: ProblemSchema.safeParse(body).data?.message ?? 'refused' };
      } catch (error) {
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    },
    async entries(deviceId, afterSeq) {
      const query = new URLSearchParams({ device: deviceId, afterSeq: String(afterSeq) });
      const { body } = await ask(`/v1/entries?${query}`);
      return EntriesSchema.parse(body).entries;
    },
    stop: () => child.stop(),
  };
}
