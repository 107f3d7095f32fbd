import {
  type CitizenHandlers,
  type CitizenVerb,
  citizenContract,
  type PortMessage,
  PortRequestSchema,
} from '../shared/screen/contract.ts';
import type { Snapshot } from '../shared/screen/snapshot.ts';

/** What the core needs of a MessagePort; Electron's and Node's differ, main and tests adapt them. */
export interface ScreenPort {
  postMessage(message: PortMessage): void;
  onMessage(listener: (data: unknown) => void): void;
  onClose(listener: () => void): void;
}

export interface CitizenScreen {
  push(snapshot: Snapshot): void;
}

/** No hand taps faster; a page that does is broken or hostile. */
const MAX_REQUESTS_PER_SECOND = 50;

export type ScreenLog = (line: {
  readonly id: 'screenRefused';
  readonly verb: string;
  readonly reason: string;
}) => void;

/**
 * Serves the citizen contract on a port. Every request is checked against its verb's schema here and nowhere
 * else: a handler never sees anything unchecked, because there is no way to one but through this table.
 */
export function serveCitizen(
  port: ScreenPort,
  parts: {
    readonly handlers: CitizenHandlers;
    readonly monoMs: () => number;
    readonly log: ScreenLog;
    readonly onClose: () => void;
  },
): CitizenScreen {
  let windowStartMs = parts.monoMs();
  let inWindow = 0;

  function tooFast(): boolean {
    const nowMs = parts.monoMs();
    if (nowMs - windowStartMs >= 1_000) {
      windowStartMs = nowMs;
      inWindow = 0;
    }
    inWindow++;
    return inWindow > MAX_REQUESTS_PER_SECOND;
  }

  function refuse(id: number, verb: string, reason: string): void {
    parts.log({ id: 'screenRefused', verb, reason });
    port.postMessage({ type: 'refused', id, error: reason });
  }

  port.onMessage((data) => {
    if (tooFast()) return;
    const frame = PortRequestSchema.safeParse(data);
    if (!frame.success) {
      refuse(0, '?', 'not a request frame');
      return;
    }
    const { id, verb, request } = frame.data;
    if (!isCitizenVerb(verb)) {
      refuse(id, verb, 'no such verb');
      return;
    }
    const reply = answer(verb, request, parts.handlers);
    if (reply.ok) port.postMessage({ type: 'reply', id, reply: reply.value });
    else refuse(id, verb, reply.reason);
  });
  port.onClose(parts.onClose);

  return { push: (body) => port.postMessage({ type: 'push', verb: 'snapshot', body }) };
}

function isCitizenVerb(verb: string): verb is CitizenVerb {
  return Object.hasOwn(citizenContract, verb) && citizenContract[verb as CitizenVerb].direction === 'call';
}

function answer<V extends CitizenVerb>(
  verb: V,
  request: unknown,
  handlers: CitizenHandlers,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string } {
  const checked = citizenContract[verb].request.safeParse(request);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    return { ok: false, reason: `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'malformed'}` };
  }
  // The schema of `verb` has just made the request into what its handler takes; TypeScript cannot follow a
  // value and its key through a union, so this is the one cast of the boundary.
  const handler = handlers[verb] as (request: unknown) => unknown;
  return { ok: true, value: handler(checked.data) };
}
