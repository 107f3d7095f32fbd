import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { type ButtonSettings, ButtonSettingsSchema, deviceIdOf } from '../device/buttons.ts';
import { QueueSettingsSchema } from '../queue/links.ts';
import { DEFAULT_DELAYS } from '../session/delays.ts';
import { SUITE_NAMES } from '../shared/journal/suite.ts';
import { SEALING_KEY_BYTES, SEALING_OF, SealingKeyIdSchema } from '../shared/sealing/sealed.ts';
import { TokenKeysSchema } from '../shared/ticket-token/keys.ts';
import { ClerkSchema, DeviceIdSchema, LocaleSchema, NameSchema, outsideText } from '../shared/words.ts';
import { readableRule } from './config-rules.ts';
import { shownJsonFault, shownValue } from './config-shown.ts';
import { DEFAULT_PAIRING_SETTINGS } from './pairing-settings.ts';
import { DEFAULT_STAFF_SETTINGS } from './staff-settings.ts';

/** All that a site decides about one tablet: `kiosk.json`. docs/configuration.md is this table in words. */
const delay = (fallback: number) => z.int().min(500).max(600_000).default(fallback);

const httpUrl = z
  .string()
  .max(500)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an address that begins with http:// or https://',
  );

/** The protocol's paths are its own (and signed), so an address is scheme, host and port. */
const origin = httpUrl.refine(
  (text) => !URL.canParse(text) || (new URL(text).pathname === '/' && new URL(text).search === ''),
  'must be scheme, host and port only, such as https://pj.example.gov.cn:8443',
);

const SettingsSchema = z.strictObject({
  device: DeviceIdSchema,
  hall: z.strictObject({ id: outsideText(60).min(1), name: NameSchema }),
  counter: z.strictObject({ number: outsideText(32).min(1), name: NameSchema.optional() }),
  /** Shown until the queue system names the clerk. */
  clerk: ClerkSchema.optional(),
  locale: LocaleSchema.default('zh-CN'),
  /** The algorithms of the journal, its signatures and its requests. Belongs to the device key: never changes. */
  suite: z.enum(SUITE_NAMES).default('ed25519-sha256'),
  timezone: z
    .string()
    .default('Asia/Shanghai')
    .refine((zone) => isTimezone(zone), 'must be a time zone such as Asia/Shanghai'),
  indicatorPack: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'must name an indicator pack, such as national-2020')
    .default('national-2020'),
  /** How long the tablet keeps what the province has; null for ever. */
  retentionDays: z.int().min(30).max(36_500).nullable().default(400),
  /** Empty where the counter has no queue system. The first leads, the next stands in while it is lost. */
  queue: z.array(QueueSettingsSchema).max(4).default([]),
  /** While no queue system can be heard: a clerk opens ratings by hand, or the tablet shows that it is paused. */
  whenQueueIsLost: z.enum(['manual', 'paused']).default('manual'),
  /** Whose served-ticket tokens are believed here; absent where the queue system signs none. docs/ticket-token.md. */
  ticketTokens: z
    .strictObject({
      keys: TokenKeysSchema.refine((keys) => keys.length > 0, 'must hold a key of the queue system'),
      /** Every service is to bring one: its absence is logged. Whether ratings without one count is the province's. */
      required: z.boolean().default(false),
    })
    .optional(),
  /** Empty where the counter has no button box. */
  buttons: z.array(ButtonSettingsSchema).max(4).default([]),
  /** Absent while the device is not connected to a province yet: ratings wait in the journal. */
  province: z
    .strictObject({
      url: origin,
      /** Where a citizen's phone finds receipts; the province's own address unless told otherwise. */
      publicUrl: httpUrl.optional(),
      /** PEM of the only authority that is trusted for `https`. */
      caFile: z.string().max(500).optional(),
      timeoutMs: z.int().min(1_000).max(120_000).default(10_000),
      /** The key of the province that personal data is sealed to: its id there, and the raw public key in base64. */
      sealTo: z.strictObject({ id: SealingKeyIdSchema, publicKey: z.base64().max(100) }).optional(),
    })
    .optional(),
  delays: z
    .strictObject({
      inviting: delay(DEFAULT_DELAYS.inviting),
      chosen: delay(DEFAULT_DELAYS.chosen),
      details: delay(DEFAULT_DELAYS.details),
      thanks: delay(DEFAULT_DELAYS.thanks),
    })
    .default(DEFAULT_DELAYS),
  /** The screen behind the PIN (docs/operations.md). */
  staff: z
    .strictObject({
      /** How long it stays open while nobody presses anything. */
      idleMs: z.int().min(2_000).max(600_000).default(DEFAULT_STAFF_SETTINGS.idleMs),
      /** Whoever comes first may set the PIN on the screen, as long as there is none. */
      setPinOnScreen: z.boolean().default(DEFAULT_STAFF_SETTINGS.setPinOnScreen),
    })
    .default(DEFAULT_STAFF_SETTINGS),
  /** Whether the staff screen pairs the tablet with a queue system, and how (docs/pairing.md). */
  pairing: z
    .strictObject({
      offered: z.boolean().default(DEFAULT_PAIRING_SETTINGS.offered),
      /** The pairing may go over the network without encryption. */
      plainHttp: z.boolean().default(DEFAULT_PAIRING_SETTINGS.plainHttp),
      /** The page may look over the local network for queue systems. */
      search: z.boolean().default(DEFAULT_PAIRING_SETTINGS.search),
      /** The page may read codes with the tablet's camera. */
      camera: z.boolean().default(DEFAULT_PAIRING_SETTINGS.camera),
      searchFrom: z.ipv4().optional(),
      searchPort: z.int().min(1).max(65_535).optional(),
    })
    .default(DEFAULT_PAIRING_SETTINGS),
});

/** What one field says about another. */
export const KioskConfigSchema = SettingsSchema.superRefine(({ suite, province, buttons }, context) => {
  for (const [field, message] of boxesInOnePlace(buttons))
    context.addIssue({ code: 'custom', path: ['buttons', field], message });
  if (!province?.sealTo) return;
  const key = Buffer.from(province.sealTo.publicKey, 'base64');
  const sealing = SEALING_OF[suite];
  const bytes = SEALING_KEY_BYTES[sealing];
  if (key.length === bytes && (bytes === 32 || key[0] === 4) && key.some((byte) => byte !== 0)) return;
  context.addIssue({
    code: 'custom',
    path: ['province', 'sealTo', 'publicKey'],
    message: `must be base64 of a raw public key of ${bytes} bytes, as suite ${suite} seals with ${sealing}`,
  });
});
export type KioskConfig = z.output<typeof KioskConfigSchema>;

/** Boxes share a line only as those of one model do that have each an address of their own. */
function boxesInOnePlace(buttons: readonly ButtonSettings[]): readonly (readonly [number, string])[] {
  return buttons.flatMap((box, at) =>
    buttons.slice(0, at).flatMap((other, before): (readonly [number, string])[] => {
      if (placeOf(other) !== placeOf(box)) return [];
      const both = `buttons.${before} (${deviceIdOf(other)}) and buttons.${at} (${deviceIdOf(box)}) are in one place`;
      if (other.model !== box.model) return [[at, `${both}: must be of the same model, or in two places`]];
      if (other.address === undefined || other.address === box.address || box.address === undefined)
        return [[at, `${both}: each must have an address of its own, or one of them must go`]];
      return [];
    }),
  );
}

function placeOf({ path, usbSerial, usbPort, model }: ButtonSettings): string {
  return path ?? (usbSerial && `#${usbSerial}`) ?? (usbPort && `@${usbPort}`) ?? `usb ${model}`;
}

/** One thing wrong: where it stands, what stands there, what is allowed. */
export interface ConfigProblem {
  readonly where: string;
  readonly what: string;
  readonly allowed: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: KioskConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const MAX_BYTES = 256 * 1024;

/** Reads and checks the settings. Every problem is named at once, so that a technician goes to the hall only once. */
export function readConfig(path: string): ConfigResult {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES)
      return problem(path, `${size} bytes`, `a settings file of at most ${MAX_BYTES} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return problem(
      path,
      reasonOf(error),
      'a readable settings file; make one or name it with --yiping-config=',
    );
  }
  return parseConfig(text, path);
}

export function parseConfig(text: string, path: string): ConfigResult {
  let value: unknown;
  try {
    // Editors of Windows begin a file with a sign that nobody sees.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return problem(path, shownJsonFault(error, text), 'JSON; see docs/configuration.md for a whole example');
  }
  const parsed = KioskConfigSchema.safeParse(value);
  if (parsed.success) return { ok: true, config: parsed.data };
  return {
    ok: false,
    problems: parsed.error.issues.map((issue) => ({
      where: `${path} › ${issue.path.join('.') || '(whole file)'}`,
      what: shownValue(
        at(value, issue.path),
        String(issue.path.findLast((step) => typeof step === 'string') ?? ''),
        issue.code === 'invalid_type' && ['object', 'array'].includes(issue.expected),
      ),
      allowed: readableRule(issue.message),
    })),
  };
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      inner !== null && typeof inner === 'object' ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

function problem(where: string, what: string, allowed: string): ConfigResult {
  return { ok: false, problems: [{ where, what, allowed: readableRule(allowed) }] };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
