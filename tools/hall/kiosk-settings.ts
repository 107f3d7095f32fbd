/** `kiosk.json` of the hall's one counter: a believable site that has decided everything a site must decide. */
import { fileURLToPath } from 'node:url';
import { type KioskConfig, KioskConfigSchema } from '../../src/core/config.ts';
import { loadModel } from '../../src/device/model-files.ts';
import type { DeviceModel } from '../../src/device/models.ts';
import { SIM_USERS } from '../queue-sim/queue-sim.ts';

export const HALL = {
  id: 'yunxi',
  name: { 'zh-CN': '云溪市政务服务中心', en: 'Yunxi Government Service Hall' },
} as const;
export const COUNTER = '3';
/** Where a transferred ticket goes. */
export const OTHER_COUNTER = '4';
export const BOX_ADDRESS = 0x81;
/** The box has four keys and the scale five levels. This site has decided: nobody can say 1 by key. */
export const KEY_LEVELS = { '0': 2, '1': 3, '2': 4, '3': 5 } as const;

/** The box that stands on the counter. */
export async function boxModel(): Promise<DeviceModel> {
  const folder = fileURLToPath(new URL('../../assets/device-models', import.meta.url));
  const read = await loadModel({ folders: [folder], id: 'ff68' });
  if (!read.ok) throw new Error(read.message);
  return read.model;
}

/** Throws when the settings would be refused by the kiosk: that is a bug of the bench. */
export function kioskSettings(parts: {
  readonly deviceId: string;
  readonly queueUrl: string;
  readonly boxPath: string;
  /** The relay in front of the province. */
  readonly provinceUrl: string;
  /** The province itself, for a receipt's address. */
  readonly publicUrl: string;
}): string {
  const clerk = SIM_USERS.find((user) => user.counters.includes(COUNTER));
  if (!clerk) throw new Error(`the simulated hall has no clerk at counter ${COUNTER}`);
  const settings = {
    device: parts.deviceId,
    hall: HALL,
    counter: { number: COUNTER },
    clerk: { number: clerk.code, name: clerk.name, stars: 5 },
    locale: 'zh-CN',
    queue: [
      {
        kind: 'rate-service',
        url: parts.queueUrl,
        userCode: clerk.code,
        clerkName: clerk.name,
        extensions: true,
        retryCapMs: 2_000,
      },
    ],
    buttons: [
      { model: 'ff68', path: parts.boxPath, address: BOX_ADDRESS, acknowledge: 'A', levels: KEY_LEVELS },
    ],
    province: { url: parts.provinceUrl, publicUrl: parts.publicUrl, timeoutMs: 3_000 },
  } as const;
  const checked: KioskConfig = KioskConfigSchema.parse(settings);
  return `${JSON.stringify({ ...settings, device: checked.device }, null, 2)}\n`;
}
