import type { Draft } from '../shared/journal/entry.ts';
import { assertNever, type Clerk, type InvitationId, type Level, type Service } from '../shared/words.ts';
import type { DelayName } from './delays.ts';
import type { Effect, Invited, Phase, SessionState } from './state.ts';

/** The delay a phase lives under; idle and serving wait for the queue and have none. */
function delayOf(phase: Phase): DelayName | null {
  return phase.name === 'idle' || phase.name === 'serving' ? null : phase.name;
}

/** Moves to a phase and starts or stops the delay that belongs to it. */
export function enter(
  state: SessionState,
  phase: Phase,
): { readonly state: SessionState; readonly effects: readonly Effect[] } {
  const name = delayOf(phase);
  const epoch = state.epoch + 1;
  if (name)
    return {
      state: { ...state, phase, epoch, delay: { name, epoch } },
      effects: [{ type: 'startDelay', name, epoch }],
    };
  return {
    state: { ...state, phase, epoch, delay: null },
    effects: state.delay ? [{ type: 'stopDelay' }] : [],
  };
}

export type SettledBy = Extract<Draft, { kind: 'rating.settled' }>['body']['by'];

export function settleDrafts(
  phase: { readonly service: Service; readonly invitation: InvitationId; readonly level: Level },
  by: SettledBy,
): readonly Draft[] {
  const { invitation, level } = phase;
  const { serviceKey } = phase.service;
  return [
    { kind: 'rating.settled', body: { invitation, serviceKey, level, by } },
    { kind: 'invitation.closed', body: { invitation, serviceKey, outcome: 'rated', reason: by } },
  ];
}

export function detailDrafts(phase: Extract<Phase, { name: 'details' }>, pack: string): readonly Draft[] {
  if (phase.ticked.length === 0) return [];
  const { invitation } = phase;
  return [
    {
      kind: 'rating.detailed',
      body: { invitation, serviceKey: phase.service.serviceKey, pack, codes: [...phase.ticked].sort() },
    },
  ];
}

/** Why a phase is left before its time. */
export interface Cause {
  readonly by: Exclude<SettledBy, 'time' | 'citizen' | 'recovery'>;
  readonly outcome: 'superseded' | 'interrupted';
  readonly reason: string;
}

/**
 * Whatever is open is brought to its defined end: a choice is settled, ticked reasons are kept, an invitation
 * without a choice is closed by its cause, a service nobody was asked about is noted as such.
 */
export function closingDrafts(
  phase: Phase,
  pack: string,
  cause: Cause,
  clerk: Clerk | null = null,
): readonly Draft[] {
  switch (phase.name) {
    case 'idle':
    case 'thanks':
      return [];
    case 'serving':
      return phase.invited !== 'not' && phase.invited !== 'owed'
        ? []
        : [
            {
              kind: 'service.notInvited',
              body: {
                serviceKey: phase.service.serviceKey,
                reason: cause.reason,
                ...clerkOf(phase.service.clerk ?? clerk),
              },
            },
          ];
    case 'inviting':
      return [
        {
          kind: 'invitation.closed',
          body: {
            invitation: phase.invitation,
            serviceKey: phase.service.serviceKey,
            outcome: cause.outcome,
            reason: cause.reason,
          },
        },
      ];
    case 'chosen':
      return settleDrafts(phase, cause.by);
    case 'details':
      return detailDrafts(phase, pack);
    default:
      return assertNever(phase);
  }
}

/** Tells the queue side how the open invitation of this phase ends; nothing where none is open. */
export function closingReport(phase: Phase): readonly Effect[] {
  switch (phase.name) {
    case 'inviting':
      return [{ type: 'report', service: phase.service, rated: false }];
    case 'chosen':
      return [{ type: 'report', service: phase.service, rated: true }];
    case 'serving':
      // Not told when the queue side was lost, because it might still have been asking.
      return phase.invited === 'cutOff' ? [{ type: 'report', service: phase.service, rated: false }] : [];
    case 'idle':
    case 'details':
    case 'thanks':
      return [];
    default:
      return assertNever(phase);
  }
}

/** Who was there to invite: by number, as the queue side names them. */
function clerkOf(clerk: Clerk | null): { readonly clerk?: string } {
  return clerk ? { clerk: clerk.number } : {};
}

/** The service stays with the counter after its invitation is through with. */
export function backToServing(phase: Phase, invited: Invited): Phase {
  return phase.name === 'idle' ? phase : { name: 'serving', service: phase.service, invited };
}
