import { generateKeyPairSync } from 'node:crypto';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPluggableBox, type PluggableBox } from '../../tools/button-box/pluggable.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { makeFolderForKiosk, ordinaryUser } from '../../tools/runtime/runtime.ts';
import { shippedModel } from '../support/device-model.ts';

/** What a kiosk under measurement stands in: a queue system, a box on a pty, a data folder; no province. */
export interface KioskSite {
  readonly sim: QueueSim;
  readonly box: PluggableBox;
  readonly folder: string;
  readonly args: readonly string[];
  close(): Promise<void>;
}

export const COUNTER = '3';
const LEVELS = { '0': 2, '1': 3, '2': 4, '3': 5 };

export async function makeSite(): Promise<KioskSite> {
  const user = await ordinaryUser();
  const folder = await mkdtemp(join(tmpdir(), 'yiping-bench-'));
  await makeFolderForKiosk(folder, user);
  await chmod(folder, 0o755);
  const data = join(folder, 'kiosk');
  await makeFolderForKiosk(data, user);
  const key = join(data, 'device-key.pem');
  await writeFile(key, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }), {
    mode: 0o600,
  });
  if (user) await chown(key, user.uid, user.gid);
  const sim = await createQueueSim({});
  const box = createPluggableBox({
    folder: join(folder, 'box'),
    model: await shippedModel('ff68'),
    address: 0x81,
    owner: user,
    onChange: () => {},
  });
  await box.plug();
  const config = join(folder, 'kiosk.json');
  await writeFile(
    config,
    JSON.stringify({
      device: 'bench-device',
      hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心' } },
      counter: { number: COUNTER },
      queue: [{ kind: 'rate-service', url: sim.url, userCode: '1001', extensions: true }],
      buttons: [{ model: 'ff68', path: box.hostPath, address: 0x81, acknowledge: 'A', levels: LEVELS }],
    }),
  );
  return {
    sim,
    box,
    folder,
    args: [`--yiping-config=${config}`, `--yiping-data=${data}`, '--yiping-window=1280x800'],
    async close() {
      await box.pull();
      await sim.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
