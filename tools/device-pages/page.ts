import type { DeviceModel, Transport } from '../../src/device/models.ts';
import { assertNever } from '../../src/shared/words.ts';
import { drawFraming, placeOfKey } from './draw-framing.ts';

/** docs/device-protocols.md. @param template the page around the models. */
export function devicePage(template: string, models: readonly DeviceModel[]): string {
  return template.replace('{{models}}', () => models.map(sectionOf).join('\n\n'));
}

function sectionOf(model: DeviceModel): string {
  const { id, name, source, usb, transport, framing, keys, outputs, timing } = model;
  const ids = usb?.map(({ vendorId, productId }) => `\`${vendorId}:${productId}\``).join(', ');
  return [
    `## \`${id}\``,
    `${name['zh-CN']} · ${name.en}. ${source}`,
    `**Line.** ${lineOf(transport)}${ids ? ` On USB ${ids}.` : ''}`,
    `**Framing** \`${framing.kind}\`.`,
    drawFraming(framing),
    keys.length > 0 ? keyTable(model) : 'No keys.',
    outputs.length > 0 ? outputTable(model) : 'Nothing can be said to it.',
    `**Timing.** ${Object.entries(timing)
      .map(([field, ms]) => `\`${field}\` ${ms}`)
      .join(', ')}.`,
  ].join('\n\n');
}

function lineOf(transport: Transport): string {
  switch (transport.kind) {
    case 'serial': {
      const { baudRate, dataBits, parity, stopBits } = transport;
      const parities = { none: 'no parity', even: 'even parity', odd: 'odd parity' };
      return `Serial (RS-232, RS-485, USB), ${baudRate} baud, ${dataBits} data bits, ${parities[parity]}, ${stopBits} stop bit${stopBits > 1 ? 's' : ''}.`;
    }
    case 'hid': {
      const { usagePage, usage, interface: number, reportBytes } = transport;
      const which = [
        usagePage === undefined ? '' : `usage page ${usagePage.toString(16).toUpperCase().padStart(4, '0')}`,
        usage === undefined ? '' : `usage ${usage.toString(16).toUpperCase().padStart(4, '0')}`,
        number === undefined ? '' : `interface ${number}`,
      ].filter(Boolean);
      return `HID reports of up to ${reportBytes} bytes${which.length > 0 ? `, ${which.join(', ')}` : ''}.`;
    }
    case 'keyboard':
      return 'A keyboard on USB, taken for the kiosk alone.';
    default:
      return assertNever(transport);
  }
}

function keyTable({ keys, framing, vectors }: DeviceModel): string {
  const rows = keys.map(
    ({ code, label }) => `| \`${code}\` | ${label['zh-CN']} | ${label.en} | ${placeOfKey(framing, code)} |`,
  );
  const bytes = vectors.map(({ bytes: sent, address, key }) => {
    const from = address === undefined ? '' : ` at address ${address}`;
    return `| \`${sent}\` | ${key === null ? 'nothing' : `key ${key}${from}`} |`;
  });
  return [
    '| key | as it is usually printed | | where |\n|---|---|---|---|',
    ...rows,
    '',
    '| box → kiosk | presses |\n|---|---|',
    ...bytes,
  ].join('\n');
}

function outputTable({ outputVectors }: DeviceModel): string {
  const rows = outputVectors.map(({ bytes, output, address, key, stars, digits, acknowledge }) => {
    const details = [
      acknowledge === undefined ? '' : `variant ${acknowledge}`,
      key === undefined ? '' : `key ${key}`,
      stars === undefined ? '' : `${stars} stars`,
      digits === undefined ? '' : `"${digits}"`,
      address === undefined ? '' : `address ${address}`,
    ].filter(Boolean);
    return `| \`${bytes}\` | ${MEANING[output]}${details.length > 0 ? ` (${details.join(', ')})` : ''} |`;
  });
  return ['| kiosk → box | says |\n|---|---|', ...rows].join('\n');
}

const MEANING: Readonly<Record<DeviceModel['outputs'][number], string>> = {
  prompt: 'please rate (light, voice)',
  acknowledge: 'press taken',
  thanks: 'thank you',
  dark: 'no rating is asked for any more',
  beep: 'beep',
  stars: 'the clerk’s stars',
  display: 'digits for the clerk',
};
