import { z } from 'zod';
import { outsideText } from '../words.ts';

/** What the staff screen sees of pairing, and what it may ask for: docs/pairing.md, docs/adr/0018-pairing.md. */
const ms = z.number().min(0);

/** The checklist, in the order in which things come about. */
export const PAIRING_CHECKS = ['reached', 'counter', 'clock', 'loggedIn', 'lastTicket', 'testCall'] as const;
export type PairingCheckName = (typeof PAIRING_CHECKS)[number];

const checkSchema = z.strictObject({
  name: z.enum(PAIRING_CHECKS),
  /** `none`: there is nothing to see, and nothing has to be. `off`: it is so, and somebody ought to mend it. */
  state: z.enum(['waiting', 'good', 'bad', 'off', 'none']),
  /** So long after the pairing was asked for. */
  ms: ms.optional(),
  /** A number, an address, a name. */
  text: z.string().max(200).optional(),
  /** Queue system's clock minus ours; of `clock` only. */
  offsetMs: z.number().optional(),
  /** Why not, with what helps (zh-CN). */
  reason: z.string().max(500).optional(),
});
export type PairingCheck = z.output<typeof checkSchema>;

/** Why the page cannot have the camera: none there, another program has it, or it may not. */
export const CAMERA_TROUBLES = ['noCamera', 'cameraBusy', 'cameraRefused'] as const;
export type CameraTrouble = (typeof CAMERA_TROUBLES)[number];

/** Why a pairing did not come about; the sentences, with what helps, are the staff screen's. */
export const PAIRING_TROUBLES = [
  /** What was scanned or typed is no address or code of a queue system. */
  'notAnOffer',
  /** Without encryption, and the site does not allow it. */
  'plainHttp',
  'unreachable',
  'silent',
  'tls',
  /** Another certificate than the QR code or the technician named. */
  'otherCertificate',
  'redirected',
  'oversized',
  /** It answers, but not in this protocol. */
  'notPairing',
  'otherVersion',
  'codeWrong',
  'codeExpired',
  'tooManyTries',
  'counterUnknown',
  'counterTaken',
  /** Its settings are not such as this tablet can follow. */
  'settings',
  /** It has nothing of that for a tablet, or is busy. */
  'refused',
  'notStored',
  ...CAMERA_TROUBLES,
  /** The camera was on for as long as it may be, and saw no code. */
  'nothingSeen',
] as const;
export type PairingTrouble = (typeof PAIRING_TROUBLES)[number];

export const StaffPairingSchema = z.strictObject({
  /** Absent where the tablet follows `kiosk.json`. */
  paired: z
    .strictObject({
      system: outsideText(60),
      kind: z.string().max(40),
      address: z.string().max(300),
      /** At the hall, `2026-05-06 09:30`. */
      at: z.string().max(20),
    })
    .optional(),
  /** Queue systems of kiosk.json. */
  configured: z.array(z.string().max(40)).max(8),
  /** What the local network was asked for; absent where the site does not let it be searched. */
  search: z
    .strictObject({
      state: z.enum(['untried', 'searching', 'done', 'failed']),
      /** As they name themselves, '' if they do not; nothing here is proven. */
      found: z.array(z.strictObject({ name: outsideText(60), address: z.string().max(300) })).max(8),
      /** There were more than are shown. */
      more: z.boolean(),
    })
    .optional(),
  /** The page may read codes with the tablet's camera; absent where the site does not let it. */
  camera: z.literal(true).optional(),
  stage: z.discriminatedUnion('name', [
    /** The page has the camera, and looks for a code. */
    z.strictObject({ name: z.literal('camera') }),
    z.strictObject({
      name: z.literal('asking'),
      address: z.string().max(300),
    }),
    /** It was reached; the code is asked for, and nothing is sent before. */
    z.strictObject({
      name: z.literal('code'),
      address: z.string().max(300),
      /** Nobody has said whose certificate it is to be: who types the code compares. Absent without encryption. */
      fingerprint: z.string().max(40).optional(),
      /** The code before this one did not do. */
      trouble: z.enum(PAIRING_TROUBLES).optional(),
    }),
    z.strictObject({
      name: z.literal('trial'),
      system: outsideText(60),
      kind: z.string().max(40),
      address: z.string().max(300),
      checks: z.array(checkSchema).max(PAIRING_CHECKS.length),
      mayAccept: z.boolean(),
    }),
    z.strictObject({
      name: z.literal('none'),
      trouble: z.enum(PAIRING_TROUBLES).optional(),
      /** What the queue system added, or the field that is wrong. */
      detail: z.string().max(200).optional(),
      address: z.string().max(300).optional(),
    }),
  ]),
});
export type StaffPairing = z.output<typeof StaffPairingSchema>;

export const PairingRequestSchema = z.discriminatedUnion('act', [
  /** What a scanner or the camera read. */
  z.strictObject({ act: z.literal('scan'), text: outsideText(1024) }),
  /** Asks for the camera. */
  z.strictObject({ act: z.literal('camera') }),
  z.strictObject({ act: z.literal('cameraFailed'), trouble: z.enum(CAMERA_TROUBLES) }),
  /** Looks over the local network. */
  z.strictObject({ act: z.literal('search') }),
  /** An address that was typed, or taken from what was found. */
  z.strictObject({ act: z.literal('ask'), address: outsideText(200).min(1) }),
  /** Six digits for the address reached; whoever types them has compared the fingerprint that is shown. */
  z.strictObject({ act: z.literal('code'), code: z.string().regex(/^\d{6}$/) }),
  z.strictObject({ act: z.literal('accept') }),
  z.strictObject({ act: z.literal('stop') }),
  z.strictObject({ act: z.literal('unpair') }),
]);
export type PairingRequest = z.output<typeof PairingRequestSchema>;
