import { fileURLToPath } from 'node:url';
import { loadModel } from '../../src/device/model-files.ts';
import type { DeviceModel } from '../../src/device/models.ts';

export const modelFolder = fileURLToPath(new URL('../../assets/device-models', import.meta.url));

/** A model as it is shipped. */
export async function shippedModel(id: string): Promise<DeviceModel> {
  const read = await loadModel({ folders: [modelFolder], id });
  if (!read.ok) throw new Error(read.message);
  return read.model;
}
