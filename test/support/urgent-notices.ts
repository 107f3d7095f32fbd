import { v7 as uuidv7 } from 'uuid';
import type { Entry } from '../../src/shared/journal/entry.ts';
import { signRequest } from '../../src/shared/protocol/signature.ts';
import { URGENT_MEDIA_TYPE, urgentPath } from '../../src/shared/protocol/urgent.ts';
import { InvitationIdSchema, type Level } from '../../src/shared/words.ts';
import { type DeviceJournal, rateOnce, toEvent } from './device-journal.ts';
import type { Answer, TestProvince } from './province.ts';

/** Somebody is rated and asks for help: the entries of the four commits. */
export function askForHelp(journal: DeviceJournal, name: string, level: Level = 1): readonly Entry[] {
  const serviceKey = `${journal.deviceId}/${name}`;
  const before = rateOnce(journal, { serviceKey, level, ticketNumber: 'B007' });
  const { invitation } = Object(before[0]?.body) as { readonly invitation: string };
  return [
    ...before,
    ...journal.append([
      { kind: 'rating.helpRequested', body: { invitation, serviceKey, source: 'touch', deviceId: 'screen' } },
    ]),
  ];
}

/** A request for help of an invitation that nobody was asked in. */
export function strayHelp(journal: DeviceJournal, serviceKey: string): readonly Entry[] {
  const invitation = InvitationIdSchema.parse(uuidv7());
  const body = { invitation, serviceKey, source: 'touch', deviceId: 'screen' };
  return journal.append([{ kind: 'rating.helpRequested', body }]);
}

export interface Stretch {
  readonly prev: string;
  readonly events: readonly unknown[];
}

/** Invitation on its own; rating, closing and request in one. */
export function stretchesOf(journal: DeviceJournal, entries: readonly Entry[]): Stretch[] {
  return [entries.slice(0, 1), entries.slice(2)].map((run) => ({
    prev: run[0]?.prev ?? '',
    events: run.map((entry) => toEvent(journal.deviceId, entry)),
  }));
}

/** Sends an urgent notice as a device would; `wrong` is there to get it wrong. */
export async function notify(
  p: TestProvince,
  journal: DeviceJournal,
  body: unknown,
  wrong: {
    readonly signer?: DeviceJournal['signer'];
    readonly path?: string;
    readonly raw?: Buffer;
    readonly nowMs?: number;
  } = {},
): Promise<Answer> {
  const payload = wrong.raw ?? Buffer.from(JSON.stringify(body));
  const url = wrong.path ?? urgentPath(journal.deviceId);
  const reply = await p.province.app.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': URGENT_MEDIA_TYPE,
      ...signRequest(wrong.signer ?? journal.signer, {
        method: 'POST',
        path: urgentPath(journal.deviceId),
        body: payload,
        keyId: journal.deviceId,
        nowMs: wrong.nowMs ?? Date.now(),
      }),
    },
    payload,
  });
  return { status: reply.statusCode, body: reply.json(), headers: reply.headers };
}
