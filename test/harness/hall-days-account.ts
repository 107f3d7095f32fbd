import type { SimLink } from '../../tools/queue-sim/wires.ts';
import type { Kept } from './hall-days-tablet.ts';
import type { Handling, TakenPress } from './hall-days-truth.ts';

/** What the journals say at the end, held against what truly happened. Pure. */
export interface Account {
  readonly served: number;
  /** How each served ticket ended: an outcome of the journal, or why the tablet never knew of it. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly ratings: number;
  readonly violations: readonly Violation[];
}
export interface Violation {
  readonly what: string;
  readonly counter: string;
  readonly atMs: number;
}

interface Invitation {
  readonly id: string;
  readonly counter: string;
  readonly openedAtMs: number;
  readonly serviceKey: string;
  readonly isManual: boolean;
  readonly hasNumber: boolean;
  readonly handling: Handling | undefined;
  outcome: string | undefined;
  settled: number;
}

export function account(parts: {
  readonly handlings: readonly Handling[];
  readonly kept: readonly Kept[];
  readonly presses: readonly TakenPress[];
  readonly link: Pick<SimLink, 'numberOf' | 'forgets' | 'byHand'>;
}): Account {
  const { numberOf = (printed: string) => printed, forgets, byHand = false } = parts.link;
  const violations: Violation[] = [];
  const wrong = (what: string, counter: string, atMs: number) => violations.push({ what, counter, atMs });
  const byCounter = grouped(parts.handlings, ({ counter }) => counter);
  const invitations = new Map<string, Invitation>();
  const notInvited = new Map<string, string>();
  const ratedServices = new Set<string>();
  const boots: { readonly counter: string; readonly atMs: number }[] = [];
  let ratings = 0;

  for (const { counter, kind, atMs, body } of parts.kept) {
    if (kind === 'boot.started') boots.push({ counter, atMs });
    const invitation = invitations.get(String(body['invitation']));
    if (kind === 'invitation.opened') {
      const opened = openedBy(body, counter, atMs, byCounter.get(counter) ?? [], numberOf);
      if (!opened.handling) wrong('an invitation of a ticket that nobody had', counter, atMs);
      if (opened.isManual !== byHand) wrong('an invitation not marked as what it is', counter, atMs);
      invitations.set(opened.id, opened);
    } else if (kind === 'service.notInvited')
      notInvited.set(String(body['serviceKey']), String(body['reason']));
    else if (kind === 'invitation.closed' && invitation)
      invitation.outcome = body['outcome'] === 'rated' ? 'rated' : `${body['outcome']} (${body['reason']})`;
    else if (kind === 'rating.settled' && invitation) {
      ratings += 1;
      invitation.settled += 1;
      if (ratedServices.has(invitation.serviceKey)) wrong('a service rated twice', counter, atMs);
      ratedServices.add(invitation.serviceKey);
    }
  }

  for (const press of parts.presses) {
    const invitation = invitations.get(press.invitation);
    if (invitation?.handling !== press.by)
      wrong(`a rating on a wrong ticket: by ${press.by.ticket.number}`, press.counter, press.atMs);
    if (invitation?.settled !== 1)
      wrong('a press that was taken and is no rating', press.counter, press.atMs);
  }

  const ofHandling = grouped([...invitations.values()], ({ handling }) => handling);
  const outcomes: Record<string, number> = {};
  let served = 0;
  for (const handling of parts.handlings) {
    if (handling.servedAtMs.length === 0) continue;
    served += 1;
    const its = ofHandling.get(handling) ?? [];
    const starts = boots.filter(
      ({ counter, atMs }) =>
        counter === handling.counter &&
        its.some(({ openedAtMs }) => openedAtMs < atMs) &&
        its.some(({ openedAtMs }) => openedAtMs >= atMs),
    ).length;
    for (const problem of problemsOf(handling, its, starts, forgets === true))
      wrong(problem, handling.counter, handling.servedAtMs[0] ?? 0);
    const startedSince =
      forgets &&
      boots.some(
        ({ counter, atMs }) =>
          counter === handling.counter &&
          atMs > handling.calledAtMs &&
          handling.servedAtMs.every((servedAtMs) => atMs < servedAtMs),
      );
    const silence = () =>
      startedSince
        ? 'never told: the tablet started after the call'
        : nameOfSilence(handling, notInvited, numberOf);
    const outcome = its.at(-1)?.outcome ?? silence();
    if (outcome === undefined)
      wrong(
        'a served ticket neither invited nor its reason named',
        handling.counter,
        handling.servedAtMs[0] ?? 0,
      );
    outcomes[outcome ?? 'unexplained'] = (outcomes[outcome ?? 'unexplained'] ?? 0) + 1;
  }
  return { served, outcomes, ratings, violations: violations.sort((a, b) => a.atMs - b.atMs) };
}

function openedBy(
  body: Kept['body'],
  counter: string,
  atMs: number,
  handlings: readonly Handling[],
  numberOf: (printed: string) => string,
): Invitation {
  const service = body['service'] as {
    readonly serviceKey: string;
    readonly manual: boolean;
    readonly ticketNumber?: string;
    readonly case?: { readonly projectNo?: string };
  };
  const number = service.ticketNumber;
  const projectNo = service.case?.projectNo;
  const handling = handlings.findLast(
    ({ ticket, servedAtMs }) =>
      (servedAtMs[0] ?? Number.POSITIVE_INFINITY) <= atMs + 1_000 &&
      (number === undefined || number === numberOf(ticket.number)) &&
      (projectNo === undefined || projectNo === ticket.projectNo),
  );
  return {
    id: String(body['invitation']),
    counter,
    openedAtMs: atMs,
    serviceKey: service.serviceKey,
    isManual: service.manual,
    hasNumber: number !== undefined,
    handling,
    outcome: undefined,
    settled: 0,
  };
}

function problemsOf(
  handling: Handling,
  its: readonly Invitation[],
  starts: number,
  forgets: boolean,
): readonly string[] {
  const problems: string[] = [];
  // After its line was gone a bus asks without a number, as of another service (docs/queue-links/ff68-caller.md).
  const known = forgets ? its.filter(({ hasNumber }) => hasNumber) : its;
  if (new Set(known.map(({ serviceKey }) => serviceKey)).size > 1)
    problems.push('one service under two keys');
  if (its.filter(({ outcome }) => outcome === 'rated').length > 1) problems.push('a ticket rated twice');
  if (its.some(({ outcome }) => outcome === undefined))
    problems.push('an invitation whose end nobody wrote down');
  // Asked again is right only when the clerk finished again, when asking was broken off by no act of the citizen's, or
  // after a start of the tablet, which then has only the queue system's word that nobody rated (docs/session.md).
  const whole = its.filter(({ outcome }) => !outcome?.startsWith('interrupted'));
  if (whole.length > Math.max(1, handling.servedAtMs.length) + starts)
    problems.push('a service invited twice');
  return problems;
}

/** Why a served ticket has no invitation: the journal's reason, or what stood between the hall and the tablet. */
function nameOfSilence(
  handling: Handling,
  notInvited: ReadonlyMap<string, string>,
  numberOf: (printed: string) => string,
): string | undefined {
  for (const [serviceKey, reason] of notInvited)
    if (isOf(serviceKey, handling, numberOf)) return `notInvited (${reason})`;
  const servings = handling.told.filter(({ kind }) => kind === 'served');
  const refused = servings.find((told) => told.refused !== undefined)?.refused;
  if (refused !== undefined) return `the clerk was refused (${refused})`;
  if (servings.some(({ fate, linked }) => linked && fate !== 'drop')) return undefined;
  return servings.some(({ fate }) => fate === 'drop')
    ? 'never told: its message was lost'
    : 'never told: the network or the tablet was off';
}

/** A key as the links put them together names the ticket by its serial, its case or its number and day. */
function isOf(
  serviceKey: string,
  { counter, ticket }: Handling,
  numberOf: (printed: string) => string,
): boolean {
  if (serviceKey.includes(ticket.serial)) return serviceKey.includes(`/${counter}/${ticket.handling}`);
  if (serviceKey.includes(ticket.projectNo)) return true;
  return (
    `${serviceKey.replaceAll('%2F', '/')}/`.includes(`/${numberOf(ticket.number)}/`) &&
    serviceKey.includes(ticket.date)
  );
}

function grouped<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** Minutes around a violation at its counter: what was done, and what the journal says. */
export function historyOf(
  { counter, atMs }: { readonly counter: string; readonly atMs: number },
  handlings: readonly Handling[],
  kept: readonly Kept[],
): readonly string[] {
  const near = (ms: number) => Math.abs(ms - atMs) < 240_000;
  const lines: [number, string][] = [];
  for (const handling of handlings)
    if (handling.counter === counter)
      for (const told of handling.told)
        if (near(told.atMs))
          lines.push([
            told.atMs,
            `hall     ${told.kind} ${handling.ticket.number} fate ${told.fate} linked ${told.linked}`,
          ]);
  for (const entry of kept)
    if (entry.counter === counter && near(entry.atMs))
      lines.push([entry.atMs, `journal  ${entry.kind} ${JSON.stringify(entry.body).slice(0, 260)}`]);
  return lines
    .sort(([a], [b]) => a - b)
    .map(([ms, text]) => `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 23)}  ${text}`);
}
