import { isIP } from 'node:net';
import { z } from 'zod';
import { outsideText } from '../../shared/words.ts';

const file = z.string().min(1).max(1000);

/** An address of this machine; never all of them at once. */
const ownAddress = z
  .string()
  .refine((text) => isIP(text) !== 0, 'must be an IP address of this machine')
  .refine((text) => !/^(0\.0\.0\.0|::|0:0:0:0:0:0:0:0)$/.test(text), 'must be one address, not all of them');

/** Where to listen; shared with the pad's notify. */
export const listenShape = {
  host: ownAddress.default('127.0.0.1'),
  port: z.int().min(1).max(65_535),
  tls: z.strictObject({ keyFile: file, certFile: file }).optional(),
  /** Addresses that may send; empty = every one. */
  allowFrom: z
    .array(z.string().refine((text) => isIP(text) !== 0, 'must be IP addresses'))
    .max(64)
    .default([]),
  maxRequestsPerSecond: z.int().min(5).max(1000).default(50),
};
export const pathOf = (preset: string) =>
  z
    .string()
    .max(200)
    .regex(/^(\/[\w.~-]+)+$/, 'must look like /queue')
    .default(preset);

export const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.');

/** Settings of the HTTP push link (docs/queue-links.md). `port` and `keyFile` must be given. */
export const HttpPushSettingsSchema = z
  .strictObject({
    kind: z.literal('http-push'),
    ...listenShape,
    path: pathOf('/queue'),
    /** `bearer`: the key in `Authorization`; `hmac`: a signature over each request. */
    auth: z.enum(['bearer', 'hmac']).default('bearer'),
    /** File with the key both sides know; readable by this program alone. */
    keyFile: file,
    /** The queue system's number of this counter, if it is not the counter's own. */
    winNum: outsideText(32).min(1).optional(),
    /** Nothing heard for so long = lost; 0 = a loss cannot be noticed. */
    silenceLimitMs: z.union([z.literal(0), z.int().min(100).max(300_000)]).default(1800),
    retryFirstMs: z.int().min(50).max(2000).default(500),
    retryCapMs: z.int().min(50).max(15_000).default(1500),
  })
  .refine((settings) => settings.auth === 'hmac' || settings.tls || isLoopback(settings.host), {
    path: ['auth'],
    message: 'must be hmac, or tls must be set: anybody in the network could read the key',
  });
export type HttpPushSettings = z.output<typeof HttpPushSettingsSchema>;

/** `{counter}` stands for the counter's number there. */
const url = z
  .string()
  .max(500)
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be http://… or https://…',
  )
  .refine((text) => {
    if (!URL.canParse(text)) return true;
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'must not hold a user name, a password or a #fragment');

/** Settings of the HTTP poll link (docs/queue-links.md). Only `url` must be given; `offices` with `fqm`. */
export const HttpPollSettingsSchema = z
  .strictObject({
    kind: z.literal('http-poll'),
    /** What answers: our own messages, or FQM's list of tickets. */
    profile: z.enum(['yiping', 'fqm']).default('yiping'),
    url,
    /** Where rated or not is told; nothing is told without it. Profile `yiping` only. */
    resultUrl: url.optional(),
    /** File with the key for `Authorization`; readable by this program alone. */
    keyFile: file.optional(),
    /** PEM file with the only authority to be trusted for `https`; without it the system's authorities are. */
    caFile: file.optional(),
    winNum: outsideText(32).min(1).optional(),
    /** FQM: number of the office → our counter. */
    offices: z.record(z.string().regex(/^\d{1,9}$/), outsideText(32).min(1)).optional(),
    /** FQM: number of the task → what is done there, for people. */
    tasks: z.record(z.string().regex(/^\d{1,9}$/), outsideText(100).min(1)).optional(),
    /** FQM as published sets Processed when a ticket is pulled; systems derived from it when the service is over. */
    processedMeans: z.enum(['called', 'served']).default('called'),
    pollEveryMs: z.int().min(20).max(60_000).default(800),
    requestLimitMs: z.int().min(100).max(60_000).default(1000),
    retryFirstMs: z.int().min(50).max(2000).default(500),
    /** With `requestLimitMs` before it, the true state is here within three seconds of the network. */
    retryCapMs: z.int().min(50).max(15_000).default(1000),
  })
  .refine((settings) => settings.profile !== 'fqm' || Object.keys(settings.offices ?? {}).length > 0, {
    path: ['offices'],
    message: 'must name the office of this counter, e.g. {"1": "3"}',
  })
  .refine((settings) => settings.profile !== 'fqm' || settings.resultUrl === undefined, {
    path: ['resultUrl'],
    message: 'FQM cannot be told of ratings; leave it out',
  });
export type HttpPollSettings = z.output<typeof HttpPollSettingsSchema>;
