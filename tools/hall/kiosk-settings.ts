/** `kiosk.json` of the hall's one counter: a believable site that has decided everything a site must decide. */
import { type KioskConfig, KioskConfigSchema } from '../../src/core/config.ts';
import type { ButtonSettings } from '../../src/device/buttons.ts';
import { SIM_USERS } from '../queue-sim/queue-sim.ts';
import type { QueueEntries } from './queue-stand.ts';

export const HALL = {
  id: 'yunxi',
  name: { 'zh-CN': '云溪市政务服务中心', en: 'Yunxi Government Service Hall' },
} as const;
export const COUNTER = '3';
/** Where a transferred ticket goes. */
export const OTHER_COUNTER = '4';

/** Throws when the settings would be refused by the kiosk: that is a bug of the bench. */
export function kioskSettings(parts: {
  readonly deviceId: string;
  readonly queue: QueueEntries;
  readonly box: ButtonSettings;
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
    queue: parts.queue.queue,
    buttons: [parts.box, ...(parts.queue.buttons ?? [])],
    province: { url: parts.provinceUrl, publicUrl: parts.publicUrl, timeoutMs: 3_000 },
  } as const;
  const checked: KioskConfig = KioskConfigSchema.parse(settings);
  return `${JSON.stringify({ ...settings, device: checked.device }, null, 2)}\n`;
}
