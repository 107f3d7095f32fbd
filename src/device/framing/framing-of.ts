import type { DeviceModel } from '../models.ts';
import type { ButtonSettings } from '../settings.ts';
import { ff68Framing } from './ff68-framing.ts';
import type { Framing } from './framing.ts';

/** The one place where a model's framing is looked up. */
export function framingOf(
  model: DeviceModel,
  settings: Pick<ButtonSettings, 'address' | 'acknowledge'>,
): Framing {
  const { framing } = model;
  const { address, acknowledge } = settings;
  switch (framing.kind) {
    case 'ff68':
      return ff68Framing({ address: address ?? 0x81, acknowledge: acknowledge ?? 'A' });
  }
}
