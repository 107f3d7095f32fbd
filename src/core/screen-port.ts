import {
  type CitizenContract,
  type CitizenHandlers,
  citizenContract,
  type PortMessage,
} from '../shared/screen/contract.ts';
import type { Snapshot } from '../shared/screen/snapshot.ts';
import {
  type CallNames,
  type Contract,
  type HandlersOf,
  type PortMessageOf,
  PortRequestSchema,
} from '../shared/screen/verbs.ts';

/** What the core needs of a MessagePort; Electron's and Node's differ, main and tests adapt them. */
export interface ScreenPort<Message = PortMessage> {
  postMessage(message: Message): void;
  onMessage(listener: (data: unknown) => void): void;
  onClose(listener: () => void): void;
}

/** A screen that is shown snapshots. */
export interface ServedScreen<S> {
  push(snapshot: S): void;
}
export type CitizenScreen = ServedScreen<Snapshot>;

/** No hand taps faster; a page that does is broken or hostile. */
const MAX_REQUESTS_PER_SECOND = 50;

export type ScreenLog = (line: {
  readonly id: 'screenRefused';
  readonly verb: string;
  readonly reason: string;
}) => void;

interface ServeParts {
  readonly monoMs: () => number;
  readonly log: ScreenLog;
  readonly onClose: () => void;
}

/** Serves the citizen contract on a port. */
export function serveCitizen(
  port: ScreenPort,
  parts: ServeParts & { readonly handlers: CitizenHandlers },
): CitizenScreen {
  return serveVerbs<CitizenContract, Snapshot>(port, { ...parts, contract: citizenContract });
}

/**
 * Serves a contract on a port. Every request is checked against its verb's schema here and nowhere else: a
 * handler never sees anything unchecked, because there is no way to one but through this table.
 */
export function serveVerbs<C extends Contract, S>(
  port: ScreenPort<PortMessageOf<S>>,
  parts: ServeParts & { readonly contract: C; readonly handlers: HandlersOf<C> },
): ServedScreen<S> {
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
    if (!isVerbOf(parts.contract, verb)) {
      refuse(id, verb, 'no such verb');
      return;
    }
    const reply = answer(verb, request, parts);
    if (!reply.ok) refuse(id, verb, reply.reason);
    else if (reply.value instanceof Promise)
      reply.value.then(
        (value: unknown) => port.postMessage({ type: 'reply', id, reply: value }),
        () => refuse(id, verb, 'it failed'),
      );
    else port.postMessage({ type: 'reply', id, reply: reply.value });
  });
  port.onClose(parts.onClose);

  return { push: (body) => port.postMessage({ type: 'push', verb: 'snapshot', body }) };
}

function isVerbOf<C extends Contract>(contract: C, verb: string): verb is CallNames<C> {
  return Object.hasOwn(contract, verb) && contract[verb]?.direction === 'call';
}

function answer<C extends Contract>(
  verb: CallNames<C>,
  request: unknown,
  { contract, handlers }: { readonly contract: C; readonly handlers: HandlersOf<C> },
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string } {
  const entry = contract[verb];
  if (entry?.direction !== 'call') return { ok: false, reason: 'no such verb' };
  const checked = entry.request.safeParse(request);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    return { ok: false, reason: `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'malformed'}` };
  }
  // The schema of `verb` has just made the request into what its handler takes; TypeScript cannot follow a
  // value and its key through a union, so this is the one cast of the boundary.
  const handler = handlers[verb] as (request: unknown) => unknown;
  return { ok: true, value: handler(checked.data) };
}
