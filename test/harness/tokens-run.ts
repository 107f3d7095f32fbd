import { createTicketTokens } from '../../src/core/ticket-tokens.ts';
import type { QueueEvent } from '../../src/shared/queue-event.ts';
import { loadTokenKeys } from '../../src/shared/ticket-token/keys.ts';
import type { Service, TokenCheck } from '../../src/shared/words.ts';
import type { ServedTicket } from '../../tools/ticket-token/sign.ts';
import type { DeviceJournal } from '../support/device-journal.ts';
import { seededRandom } from '../support/fault-proxy-draw.ts';
import { ADMIN, openTestDb, startTestProvince, type TestProvince } from '../support/province.ts';
import { serviceOf, writeOpened, writeRated } from '../support/token-site.ts';
import {
  ATTACKS,
  type Attack,
  COUNTER,
  createAttacker,
  type Draw,
  HALL,
  newSiteKey,
  type Seen,
} from './tokens-attacks.ts';

export interface TokensResult {
  readonly hostile: number;
  readonly honest: number;
  readonly tablet: Found;
  readonly province: Found & {
    /** Honest tokens brought again by a second tablet at the counter, with another rating. */
    readonly broughtAgain: number;
    readonly broughtAgainCounted: number;
  };
  /** What was accepted and should not have been, as `attack: token`. */
  readonly accepted: readonly string[];
}

interface Found {
  readonly hostileAccepted: number;
  readonly honestRefused: number;
  readonly reasons: Readonly<Record<string, number>>;
}

interface Presented {
  readonly attack: Attack | null;
  readonly service: Service;
}

const HALL_NAME = '云溪市政务服务中心';
const DATE = '2026-05-06';
/** An honest token after so many hostile ones; a restart of the tablet after so many in all. */
const HONEST_EVERY = 10;
const RESTART_EVERY = 500;
/** SM2 costs thirty times as much; every so many tokens is one. */
const SM2_EVERY = 12;
/** Services in one upload: four entries each. */
const UPLOADED_AT_ONCE = 100;

/**
 * Hostile tokens, and honest ones among them, at the tablet's check and at a province that requires tokens. At the province
 * the tablet itself is the attacker: it swears that each is valid and brings a rating with it.
 */
export async function runTokens(options: {
  readonly tokens: number;
  readonly seed: number;
}): Promise<TokensResult> {
  const draw = drawOf(options.seed);
  const keys = [await newSiteKey('queue-1', 'EdDSA'), await newSiteKey('queue-2', 'SM2')] as const;
  const own = [await newSiteKey('queue-1', 'EdDSA'), await newSiteKey('queue-2', 'SM2')] as const;
  const [byEdDsa, bySm2] = [0, 1].map((at) =>
    createAttacker({
      key: keys[at === 0 ? 0 : 1],
      others: [keys[at === 0 ? 1 : 0]],
      own: own[at === 0 ? 0 : 1],
      draw,
      nowMs: Date.now,
    }),
  );
  if (!byEdDsa || !bySm2) throw new Error('two attackers were made');
  const settings = keys.map(({ id, algorithm, signer }) => ({
    id,
    algorithm,
    publicKey: Buffer.from(signer.publicKey).toString('base64'),
  }));

  const tablet = await createTabletSide(settings);
  const province = await createProvinceSide(settings);
  const accepted: string[] = [];
  try {
    const seen: Seen[] = [];
    let hostile = 0;
    let waiting: Presented[] = [];
    for (let n = 0; hostile < options.tokens; n++) {
      const ticket: ServedTicket = { counter: COUNTER, number: `A${n}`, serial: String(n), date: DATE };
      const by = n % SM2_EVERY === 0 ? bySm2 : byEdDsa;
      const isHonest = n % HONEST_EVERY === 0;
      const attack = isHonest ? null : draw.of(ATTACKS);
      const tokenId = `honest-token-${options.seed}-${n}`;
      const token = attack === null ? by.honest(ticket, tokenId) : by.hostile(attack, ticket, seen);
      if (attack === null) seen.push({ token, tokenId });
      else hostile += 1;
      const presented = { attack, service: serviceOf(HALL, ticket, token) };
      if (tablet.present(presented)) accepted.push(`${attack} at the tablet: ${token}`);
      if (n % RESTART_EVERY === RESTART_EVERY - 1) tablet.restart();
      waiting.push(presented);
      if (waiting.length < UPLOADED_AT_ONCE && hostile < options.tokens) continue;
      await province.upload(waiting);
      waiting = [];
    }
    const atProvince = await province.found();
    accepted.push(...atProvince.accepted.map((serviceKey) => `at the province: ${serviceKey}`));
    return { hostile, honest: seen.length, tablet: tablet.found(), province: atProvince, accepted };
  } finally {
    await province.close();
  }
}

type Settings = readonly { id: string; algorithm: 'EdDSA' | 'SM2'; publicKey: string }[];

async function createTabletSide(settings: Settings) {
  const loaded = await loadTokenKeys([...settings]);
  if (!loaded.ok) throw new Error(loaded.id);
  const opened: { readonly kind: string; readonly body: string }[] = [];
  const reasons: Record<string, number> = {};
  let hostileAccepted = 0;
  let honestRefused = 0;
  const start = () =>
    createTicketTokens({
      keys: loaded.keys,
      required: true,
      hall: HALL,
      counter: COUNTER,
      nowMs: Date.now,
      recent: opened,
      note: () => {},
    });
  let tokens = start();

  return {
    /** @returns whether a hostile one was accepted. */
    present({ attack, service }: Presented): boolean {
      const event: QueueEvent = {
        id: service.serviceKey,
        counter: COUNTER,
        atMs: 0,
        kind: 'served',
        service,
      };
      const checked = tokens.checked(event);
      const check: TokenCheck | undefined = 'service' in checked ? checked.service.tokenCheck : undefined;
      if (check?.result === 'valid' && 'service' in checked)
        opened.push({
          kind: 'invitation.opened',
          body: JSON.stringify({
            invitation: '019dfb2a-3f80-7000-8000-000000000001',
            counter: COUNTER,
            service: checked.service,
          }),
        });
      const said = check?.result === 'refused' ? check.reason : (check?.result ?? 'nothing');
      reasons[said] = (reasons[said] ?? 0) + 1;
      const wrong = (attack === null) !== (said === 'valid');
      if (wrong && attack !== null) hostileAccepted += 1;
      if (wrong && attack === null) honestRefused += 1;
      return wrong && attack !== null;
    },
    restart() {
      tokens = start();
    },
    found: (): Found => ({ hostileAccepted, honestRefused, reasons }),
  };
}

async function createProvinceSide(settings: Settings) {
  const { db, close } = await openTestDb('pglite');
  const p: TestProvince = await startTestProvince(db);
  const payload = { hall: HALL_NAME, hallId: HALL, requireTicketToken: true, ticketKeys: settings };
  const set = await p.province.app.inject({ method: 'POST', url: '/v1/sites', headers: ADMIN, payload });
  if (set.statusCode !== 201) throw new Error(`site: ${set.statusCode} ${set.body}`);
  // They lie about tokens and not about the time: who lies about that as well is in docs/ticket-token.md.
  const place = { hall: HALL_NAME, counter: COUNTER, nowMs: Date.now };
  const [journal, second] = [await p.device(place), await p.device(place)];
  const sent = new Map<DeviceJournal, number>();
  const honest = new Set<string>();
  const hostile = new Set<string>();

  async function send(from: DeviceJournal): Promise<void> {
    const answer = await p.upload(from, from.entries.slice(sent.get(from) ?? 0));
    if (answer.status !== 200) throw new Error(`upload: ${answer.status} ${JSON.stringify(answer.body)}`);
    sent.set(from, from.entries.length);
  }

  return {
    async upload(presented: readonly Presented[]): Promise<void> {
      for (const { attack, service } of presented) {
        (attack === null ? honest : hostile).add(service.serviceKey);
        const said = { result: 'valid', tokenId: 'so-says-the-tablet' } as const;
        writeRated(journal, writeOpened(journal, service, said));
      }
      await send(journal);
      for (const { attack, service } of presented)
        if (attack === null) writeRated(second, writeOpened(second, service), 1);
      await send(second);
    },
    async found() {
      const counted = await db.query<{ serviceKey: string; deviceId: string }>(
        'SELECT service_key AS "serviceKey", device_id AS "deviceId" FROM rating',
      );
      const by = (device: DeviceJournal) => counted.filter(({ deviceId }) => deviceId === device.deviceId);
      const accepted = by(journal).filter(({ serviceKey }) => hostile.has(serviceKey));
      const reasons = await db.query<{ reason: string; n: number }>(
        'SELECT reason, count(*) AS n FROM rating_uncounted GROUP BY reason ORDER BY reason',
      );
      return {
        hostileAccepted: accepted.length,
        honestRefused: honest.size - by(journal).filter(({ serviceKey }) => honest.has(serviceKey)).length,
        reasons: Object.fromEntries(reasons.map(({ reason, n }) => [reason, n])),
        broughtAgain: honest.size,
        broughtAgainCounted: by(second).length,
        accepted: accepted.map(({ serviceKey }) => serviceKey),
      };
    },
    async close() {
      await p.stop();
      await close();
    },
  };
}

/** Seeded, so that a run can be had again; the keys are new in each. */
function drawOf(seed: number): Draw {
  const next = seededRandom(seed);
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    of(choices) {
      const chosen = choices[int(choices.length)];
      if (chosen === undefined) throw new Error('nothing to choose from');
      return chosen;
    },
  };
}
