import { assertNever } from '../../shared/words.ts';
import type { DeviceModel } from '../models.ts';
import type { ButtonSettings } from '../settings.ts';
import { ff68Framing } from './ff68-framing.ts';
import { fixedFraming } from './fixed-framing.ts';
import type { Framing } from './framing.ts';
import { hidReportFraming } from './hid-report-framing.ts';
import { keyCodesFraming } from './key-codes-framing.ts';
import { lineFraming } from './line-framing.ts';
import { modbusRtuFraming } from './modbus-rtu-framing.ts';

/** The one place where a model's framing is looked up. */
export function framingOf(
  model: Pick<DeviceModel, 'framing' | 'transport'>,
  settings: Pick<ButtonSettings, 'address' | 'acknowledge'>,
): Framing {
  const { framing, transport } = model;
  const { address, acknowledge } = settings;
  switch (framing.kind) {
    case 'ff68':
      return ff68Framing({ address: address ?? 0x81, acknowledge: acknowledge ?? 'A' });
    case 'line':
      return lineFraming(framing, { address });
    case 'fixed':
      return fixedFraming(framing, { address });
    case 'modbus-rtu':
      return modbusRtuFraming(framing, { address: address ?? 1 });
    case 'hid-report':
      return hidReportFraming(framing, {
        reportBytes: transport.kind === 'hid' ? transport.reportBytes : framing.length,
      });
    case 'key-codes':
      return keyCodesFraming(framing);
    default:
      return assertNever(framing);
  }
}
