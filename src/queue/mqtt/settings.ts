import { z } from 'zod';
import { outsideText } from '../../shared/words.ts';
import { lineShape } from '../line-settings.ts';

const url = z
  .string()
  .max(500)
  .refine(
    (text) => URL.canParse(text) && /^mqtts?:$/.test(new URL(text).protocol) && new URL(text).hostname !== '',
    'must be mqtt://host:1883 or mqtts://host:8883',
  )
  .refine((text) => {
    if (!URL.canParse(text)) return true;
    const { username, password, hash, pathname, search } = new URL(text);
    return `${username}${password}${hash}${search}` === '' && /^\/?$/.test(pathname);
  }, 'must not hold a user name, a password or a path');

const file = z.string().min(1).max(1000);

/** Settings of the MQTT link (docs/queue-links/mqtt.md). Only `url` must be given. */
export const MqttSettingsSchema = z
  .strictObject({
    kind: z.literal('mqtt'),
    /** The broker: `mqtt://host:1883`, or `mqtts://host:8883` for TLS. */
    url,
    /** With what the queue system begins its topics, up to the hall; default `yiping/v1/<hall>`. */
    topicRoot: outsideText(200)
      .min(1)
      .refine((text) => !/[+#]|^\/|\/$|^\$/.test(text), 'must be a topic without +, # and / at its ends')
      .optional(),
    /** The queue system's number of this counter, if it is not the counter's own. */
    winNum: outsideText(32).min(1).optional(),
    username: outsideText(100).min(1).optional(),
    /** File (0600) with the password, read at each connecting. */
    passwordFile: file.optional(),
    /** PEM file with the only authority to be trusted for `mqtts`; without it the system's authorities are. */
    caFile: file.optional(),
    /** PEM files of the tablet's own certificate and key, where the broker asks for one. */
    certFile: file.optional(),
    keyFile: file.optional(),
    /** Whether the queue system says on `…/system` that it is there. Without it only the broker's absence shows. */
    systemPresence: z.boolean().default(true),
    /** So long the broker keeps what happens while the tablet is away. */
    sessionExpiryS: z.int().min(60).max(604_800).default(28_800),
    /** After one and a half times so long without a word the broker takes the tablet for gone. */
    keepaliveS: z.int().min(2).max(600).default(5),
    ...lineShape,
    // `maxMessagesPerSecond`: messages are taken no faster; the broker waits with the rest.
  })
  .refine((settings) => settings.silenceLimitMs > settings.probeEveryMs, {
    path: ['silenceLimitMs'],
    message: 'must be longer than probeEveryMs, or every pause between two probes is a loss',
  })
  .refine((settings) => settings.passwordFile === undefined || settings.username !== undefined, {
    path: ['username'],
    message: 'must be there with passwordFile',
  })
  .refine((settings) => (settings.certFile === undefined) === (settings.keyFile === undefined), {
    path: ['keyFile'],
    message: 'must be there with certFile, and certFile with keyFile',
  });
export type MqttSettings = z.output<typeof MqttSettingsSchema>;
