import { fileURLToPath } from 'node:url';
import { type DeviceModel, loadModel } from '../../src/device/models.ts';

export const modelFolder = fileURLToPath(new URL('../../assets/device-models', import.meta.url));

/** A model as it is shipped. */
export async function shippedModel(id: string): Promise<DeviceModel> {
  const read = await loadModel({ folder: modelFolder, id });
  if (!read.ok) throw new Error(read.message);
  return read.model;
}
