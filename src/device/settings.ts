import { basename } from 'node:path';
import { z } from 'zod';
import { ControlSchema } from '../shared/press.ts';
import { outsideText, type Source } from '../shared/words.ts';
import type { DeviceModel, Transport } from './models.ts';

/**
 * What a site decides about its button box. There is no default for `levels`: a box with four keys cannot
 * express five levels, so somebody has to say what each key means (→ docs/device-protocols.md).
 */
export const ButtonSettingsSchema = z
  .strictObject({
    /** A file in `assets/device-models`, without `.json`. */
    model: z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/, 'must name a device model, such as "ff68"'),
    /** Such as `/dev/serial/by-id/…`, which outlives replugging, or `/dev/ttyS0`. */
    path: outsideText(400).regex(/^\//, 'must be an absolute path, such as /dev/ttyUSB0').optional(),
    /** The device's own serial number on USB, for one of several boxes of a model. */
    usbSerial: outsideText(120).min(1).optional(),
    /** The socket it is plugged into, such as `1-1.2`, for boxes without a serial number. */
    usbPort: z
      .string()
      .regex(/^\d+-\d+(\.\d+)*$/, 'must be a USB port, such as "1-1.2"')
      .optional(),
    /** The evaluator's address on its bus; boxes made for counter 1 usually have 129 (0x81). */
    address: z.int().min(0).max(255).optional(),
    /** Which acknowledgement the box understands (A with the grade, B without). */
    acknowledge: z.enum(['A', 'B']).optional(),
    /** Key code → what it means, for exactly the keys of the model. */
    levels: z.record(z.string().regex(/^[\x21-\x7e]{1,16}$/, 'must be a key code'), ControlSchema),
  })
  .refine(
    ({ path, usbSerial, usbPort }) => [path, usbSerial, usbPort].filter(Boolean).length <= 1,
    'must name at most one of path, usbSerial and usbPort',
  )
  .readonly();
export type ButtonSettings = z.output<typeof ButtonSettingsSchema>;

/** How a box is found, anew for every connection: a number such as ttyUSB0 goes by the order of arrival. */
export type Whereabouts =
  | { readonly by: 'path'; readonly path: string }
  | {
      readonly by: 'usb';
      readonly ids: readonly { readonly vendorId: string; readonly productId: string }[];
      readonly serial?: string;
      readonly port?: string;
    };

export function whereIs(settings: ButtonSettings, model: DeviceModel): Whereabouts {
  const { path, usbSerial, usbPort } = settings;
  if (path !== undefined) return { by: 'path', path };
  return {
    by: 'usb',
    ids: model.usb ?? [],
    ...(usbSerial === undefined ? {} : { serial: usbSerial }),
    ...(usbPort === undefined ? {} : { port: usbPort }),
  };
}

/** As a technician reads it: `/dev/ttyS0`, `USB 0fc5:b080`, `USB 0fc5:b080 #PAD7`, `USB 0fc5:b080 @1-1.2`. */
export function placeName(where: Whereabouts): string {
  if (where.by === 'path') return where.path;
  const ids = where.ids.map(({ vendorId, productId }) => `${vendorId}:${productId}`).join('/');
  return `USB ${ids}${where.serial ? ` #${where.serial}` : ''}${where.port ? ` @${where.port}` : ''}`;
}

/** Such as `ff68:81@ttyUSB0`: stable over replugging where the site's settings are. */
export function deviceIdOf(settings: ButtonSettings): string {
  const { model, address, path, usbSerial, usbPort } = settings;
  const bus = address === undefined ? '' : `:${address.toString(16).toUpperCase().padStart(2, '0')}`;
  const place = path === undefined ? (usbSerial ?? usbPort ?? 'usb') : basename(path);
  return `${model}${bus}@${place}`.slice(0, 120);
}

export function sourceOf(transport: Transport): Source {
  return transport.kind;
}
