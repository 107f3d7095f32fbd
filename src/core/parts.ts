import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModelFor } from '../device/buttons.ts';
import type { DeviceModel } from '../device/models.ts';
import type { Clock } from '../shared/clock.ts';
import { type IndicatorPack, IndicatorPackSchema } from '../shared/indicators.ts';
import type { Signer } from '../shared/journal/suite.ts';
import type { TrustedKey } from '../shared/ticket-token/check.ts';
import { loadTokenKeys } from '../shared/ticket-token/keys.ts';
import type { Restored, Store } from '../store/store.ts';
import { type KioskConfig, readConfig } from './config.ts';
import { loadOrMakeDeviceKey } from './device-key.ts';
import { type Paired, readPaired, sweepPairings } from './paired.ts';
import { createOpener } from './restoring.ts';
import { newUuidV7 } from './uuid-v7.ts';

/** What a kiosk is made of once everything it needs has been found in order. */
export interface KioskGround {
  /** As `kiosk.json` says, but for `queue` where the tablet was paired. */
  readonly config: KioskConfig;
  /** What the staff screen paired the tablet with; then `queue` is that, and the clerk's hand if the site has it. */
  readonly paired: Paired | null;
  /** Makes of the queue links in `kiosk.json`, whether they are followed or not. */
  readonly configured: readonly string[];
  readonly pack: IndicatorPack;
  readonly models: readonly DeviceModel[];
  readonly signer: Signer;
  readonly dataFolder: string;
  readonly store: Store;
  /** What the journal has just been put together from, if it was. */
  readonly restored: Restored | null;
  /** PEM of the authority that the province's certificate must come from, if the site names one. */
  readonly provinceCa?: string;
  /** Null where the site names no keys of its queue system. */
  readonly tokenKeys: readonly TrustedKey[] | null;
}

/** Why there is no kiosk yet. `fault` is for the screen, `lines` are for a technician. */
export type GroundResult =
  | { readonly ok: true; readonly ground: KioskGround }
  | {
      readonly ok: false;
      readonly fault: 'config' | 'store' | 'diskFull';
      readonly lines: readonly string[];
      /** Waits for somebody far away: asking again soon is of no use. */
      readonly patient?: boolean;
    };

/**
 * Finds everything in order, or says what is not. Tried again and again: what a technician mends is taken up
 * without anybody starting anything.
 */
export async function findGround(parts: {
  readonly configPath: string;
  readonly dataFolder: string;
  readonly assetsFolder: string;
  readonly clock: Clock;
  readonly boot: string;
  /** Kept from one try to the next: it remembers what has been put together of a damaged journal. */
  readonly opener?: ReturnType<typeof createOpener>;
}): Promise<GroundResult> {
  const read = readConfig(parts.configPath);
  if (!read.ok)
    return faulty(
      'config',
      read.problems.map(({ where, what, allowed }) => `设置有误 ${where}：现为 ${what}；要求 ${allowed}`),
    );
  const pairing = readPaired(parts.dataFolder);
  if (!pairing.ok) return faulty('config', [pairing.message]);
  const { paired } = pairing;
  const config = paired ? followPaired(read.config, paired) : read.config;

  const pack = readPack(join(parts.assetsFolder, 'indicator-packs', `${config.indicatorPack}.json`));
  if (!pack.ok) return faulty('config', [pack.message]);

  const models: DeviceModel[] = [];
  // A technician's own models, for boxes that nobody here has seen, stand beside what the site keeps.
  const folders = [parts.dataFolder, parts.assetsFolder].map((folder) => join(folder, 'device-models'));
  for (const settings of config.buttons) {
    const loaded = await loadModelFor({ folders, settings, boxes: config.buttons });
    if (!loaded.ok) return faulty('config', [loaded.message]);
    models.push(loaded.model);
  }

  const ca = readProvinceCa(config.province?.caFile);
  if (!ca.ok) return faulty('config', [ca.message]);

  const tokenKeys = await readTokenKeys(config.ticketTokens);
  if (!tokenKeys.ok) return faulty('config', [tokenKeys.message]);

  try {
    mkdirSync(parts.dataFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return faulty('store', [
      `无法使用数据文件夹 ${parts.dataFolder}：${detail}。请检查该文件夹的所有者与权限。`,
    ]);
  }
  sweepPairings(parts.dataFolder);
  const key = await loadOrMakeDeviceKey(parts.dataFolder, config.suite);
  if (!key.ok) return faulty('store', [key.message]);

  const opener = parts.opener ?? createOpener({ clock: parts.clock });
  const opened = await opener.open(
    {
      folder: parts.dataFolder,
      signer: key.signer,
      deviceId: config.device,
      clock: parts.clock,
      boot: parts.boot,
      newId: newUuidV7,
    },
    { province: config.province, ...ca.found },
  );
  if (!opened.ok) return opened;
  return {
    ok: true,
    ground: {
      config,
      paired,
      configured: read.config.queue.map(({ kind }) => kind),
      pack: pack.pack,
      models,
      signer: key.signer,
      dataFolder: parts.dataFolder,
      store: opened.store,
      restored: opened.restored,
      tokenKeys: tokenKeys.keys,
      ...ca.found,
    },
  };
}

function followPaired(config: KioskConfig, { settings }: Paired): KioskConfig {
  return { ...config, queue: [settings, ...config.queue.filter(({ kind }) => kind === 'manual')] };
}

function readPack(
  path: string,
): { readonly ok: true; readonly pack: IndicatorPack } | { readonly ok: false; readonly message: string } {
  try {
    const parsed = IndicatorPackSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return { ok: true, pack: parsed.data };
    const issue = parsed.error.issues[0];
    return {
      ok: false,
      message: `评价指标包 ${path} 有误：${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    };
  } catch (error) {
    return {
      ok: false,
      message: `评价指标包 ${path} 无法读取：${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function readProvinceCa(
  path: string | undefined,
):
  | { readonly ok: true; readonly found: Pick<KioskGround, 'provinceCa'> }
  | { readonly ok: false; readonly message: string } {
  if (path === undefined) return { ok: true, found: {} };
  try {
    return { ok: true, found: { provinceCa: readFileSync(path, 'utf8') } };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      message: `设置有误 province.caFile：无法读取 ${path}：${detail}。请放好省平台的根证书（PEM）。`,
    };
  }
}

async function readTokenKeys(
  settings: KioskConfig['ticketTokens'],
): Promise<
  | { readonly ok: true; readonly keys: readonly TrustedKey[] | null }
  | { readonly ok: false; readonly message: string }
> {
  if (!settings) return { ok: true, keys: null };
  const loaded = await loadTokenKeys(settings.keys);
  if (loaded.ok) return loaded;
  return {
    ok: false,
    message: `设置有误 ticketTokens.keys：${loaded.id} 的 publicKey 不是该算法的公钥。请向排队叫号系统的供应商重新索取公钥（原始公钥的 base64）。`,
  };
}

function faulty(fault: 'config' | 'store' | 'diskFull', lines: readonly string[]): GroundResult {
  return { ok: false, fault, lines };
}
