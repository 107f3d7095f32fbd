import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFakeJournal } from '../../test/support/fake-journal.ts';
import { createKioskOnFakes, DELAYS } from '../../test/support/kiosk-on-fakes.ts';
import { LEVELS, type Level } from '../shared/words.ts';

/**
 * Whatever happens at a counter, in whatever order. The fake journal throws when a level is chosen outside an
 * open invitation, an invitation closes twice, or a rating settles at another level than was chosen last.
 */
const ticket = fc.constantFrom('A001', 'A002', 'A003');
/** Events after which a ticket is the one at the counter. */
const NAMES_ONE: ReadonlySet<string> = new Set(['called', 'recalled', 'served']);
const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('press' as const), level: fc.constantFrom(...LEVELS) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('queue' as const),
      kind: fc.constantFrom(
        ...([
          'called',
          'recalled',
          'served',
          'served',
          'skipped',
          'transferred',
          'paused',
          'resumed',
          'reset',
          'clerkOn',
        ] as const),
      ),
      ticket,
      repeat: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 500, DELAYS.chosen, DELAYS.inviting, DELAYS.details),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('tick' as const), code: fc.constantFrom('510', '210', '110') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('withdraw' as const, 'cancel' as const, 'repeat' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('confirm' as const, 'finish' as const, 'decline' as const, 'help' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('staffPause' as const, 'staffResume' as const, 'staffRecall' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'queueLost' as const,
        'queueBack' as const,
        'queueBackUnsure' as const,
        'nothingOpen' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('diskFull' as const, 'diskLies' as const, 'diskBack' as const, 'powerCut' as const),
    }),
  },
);

it('no sequence of events saves twice, loses a choice, hangs, or rates without a service', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const journal = createFakeJournal();
      let run = createKioskOnFakes(journal);
      let lastId = 'none';
      const heard = new Set<string>();
      let atCounter: string | undefined;
      let id = 0;
      /** What stands, and what stood before it. */
      const thanked = new Map<string, readonly Level[]>();
      /** Taken back with an error for an answer: perhaps only after the disk is back. */
      const half = new Map<string, Level>();
      /** Told that help is asked for. */
      const helped = new Set<string>();
      /** Answered with an error, and perhaps kept all the same. */
      const refusedFirst = new Map<string, number>();
      const refusedChange = new Map<string, number>();

      for (const step of commands) {
        const screen = run.screen();
        const invitation = 'invitation' in screen ? screen.invitation : undefined;
        switch (step.do) {
          case 'press': {
            const answer = run.press(step.level);
            const after = run.screen();
            if (after.name === 'chosen' && answer.accepted) {
              expect(screen.name === 'inviting' || screen.name === 'chosen').toBe(true);
              const before = thanked.get(after.invitation) ?? [];
              if (before.at(-1) !== after.level) thanked.set(after.invitation, [...before, after.level]);
            }
            if (after.name === 'details' && after.helpRequested) helped.add(after.invitation);
            if (screen.name === 'inviting' && !answer.accepted && answer.reason === 'notDurable')
              refusedFirst.set(screen.invitation, step.level);
            if (screen.name === 'chosen' && !answer.accepted && answer.reason === 'notDurable')
              refusedChange.set(screen.invitation, step.level);
            if (screen.name === 'thanks' || screen.name === 'serving' || screen.name === 'idle')
              expect(answer.accepted).toBe(false);
            break;
          }
          case 'withdraw':
          case 'cancel': {
            if (step.do === 'withdraw') run.withdraw();
            else run.press('cancel');
            const after = run.screen();
            if (screen.name !== 'chosen' || (after.name === 'chosen' && after.level === screen.level)) break;
            const levels = thanked.get(screen.invitation) ?? [];
            expect(levels.at(-1)).toBe(screen.level);
            if (after.name === 'outOfService') half.set(screen.invitation, screen.level);
            else expect(after).toMatchObject({ invitation: screen.invitation });
            if (levels.length > 1) thanked.set(screen.invitation, levels.slice(0, -1));
            else thanked.delete(screen.invitation);
            break;
          }
          case 'repeat':
            run.press('repeat');
            expect(run.screen().name).toBe(screen.name);
            break;
          case 'queue':
            if (!step.repeat) lastId = `id-${++id}`;
            if (!heard.has(lastId) && NAMES_ONE.has(step.kind)) atCounter = step.ticket;
            heard.add(lastId);
            run.queue(step.kind, step.ticket, lastId);
            break;
          case 'wait':
            run.clock.advance(step.ms);
            break;
          case 'tick':
            if (invitation) run.kiosk.citizen.tick({ invitation, code: step.code });
            break;
          case 'confirm':
          case 'finish':
          case 'decline':
            if (invitation) run.kiosk.citizen[step.do]({ invitation });
            break;
          case 'help': {
            const asked = invitation && run.kiosk.citizen.help({ invitation }).accepted;
            expect(asked ?? false).toBe(screen.name === 'details' && run.screen().name === 'details');
            if (asked) helped.add(invitation);
            break;
          }
          case 'staffPause':
          case 'staffResume': {
            const act = step.do === 'staffPause' ? 'pause' : 'resume';
            const answering = run.kiosk.counter().doing === 'answering';
            run.kiosk.staff({ act });
            // A citizen who has chosen is heard to the end.
            if (answering) expect(run.screen().name).toBe(screen.name);
            break;
          }
          case 'staffRecall':
            if (!invitation) break;
            expect(run.kiosk.staff({ act: 'recall', invitation }).accepted).toBe(
              screen.name === 'inviting' && run.screen().name === 'serving',
            );
            break;
          case 'queueLost': {
            const unanswered = screen.name === 'inviting';
            run.kiosk.queueLost();
            if (unanswered) expect(run.screen().name).not.toBe('inviting');
            break;
          }
          case 'queueBack':
          case 'queueBackUnsure':
            run.kiosk.queueBack({ tellsState: step.do === 'queueBack' });
            break;
          case 'nothingOpen': {
            const { paused } = run.kiosk.counter();
            run.kiosk.queueEvent({
              id: `id-${++id}`,
              kind: 'reset',
              nothingOpen: true,
              counter: '3',
              atMs: 0,
            });
            // Nor does it end a pause, though a full disk may come to light with it.
            expect(run.kiosk.counter().paused).toBe(paused);
            break;
          }
          case 'diskFull':
            journal.failWith('diskFull');
            break;
          case 'diskLies':
            journal.failWith('ioError', { butKeeps: true });
            break;
          case 'diskBack':
            journal.failWith(null);
            break;
          case 'powerCut':
            journal.failWith(null);
            run.kiosk.stop();
            run = createKioskOnFakes(journal);
            heard.clear();
            break;
        }
        // Nobody is asked while it is paused or out of order, and nothing waits without a limit.
        const now = run.screen();
        const open = now.name === 'inviting' || now.name === 'chosen' || now.name === 'details';
        if (open) expect(now.span.endsInMs).toBeGreaterThan(0);
        // Whatever page is shown is of the ticket the queue side named last, or of nobody.
        if ('ticketNumber' in now && now.ticketNumber !== undefined) expect(now.ticketNumber).toBe(atCounter);
        // A page with one citizen's choice never shows under another one's ticket.
        if (now.name === 'details' && now.helpRequested) expect(helped.has(now.invitation)).toBe(true);
        if (now.name === 'chosen') expect(thanked.get(now.invitation)?.at(-1)).toBe(now.level);
      }

      journal.failWith(null);
      run.clock.advance(1_000 + DELAYS.inviting + DELAYS.chosen + DELAYS.details + DELAYS.thanks);
      expect(['idle', 'serving', 'paused']).toContain(run.screen().name);

      const settled = journal.written.flatMap((draft) =>
        draft.kind === 'rating.settled' ? [draft.body] : [],
      );
      expect(new Set(settled.map((body) => body.serviceKey)).size).toBe(settled.length);
      for (const [invitation, levels] of thanked)
        expect([levels.at(-1), refusedChange.get(invitation), half.get(invitation)]).toContain(
          settled.find((body) => body.invitation === invitation)?.level,
        );
      // Nothing that was taken back settles, unless the power went while the disk was away; a first choice that was
      // refused may have been kept by the disk.
      for (const { invitation, level } of settled)
        if (half.get(invitation) !== level && refusedFirst.get(invitation) !== level)
          expect([thanked.get(invitation)?.at(-1), refusedChange.get(invitation)]).toContain(level);
      const asked = journal.written.flatMap((draft) =>
        draft.kind === 'rating.helpRequested' ? [draft.body.invitation] : [],
      );
      expect(new Set(asked).size).toBe(asked.length);
      for (const invitation of helped) expect(asked).toContain(invitation);
      // Nobody whose rating is frozen is asked again.
      for (const [at, draft] of journal.written.entries())
        if (draft.kind === 'invitation.opened')
          expect(
            journal.written
              .slice(0, at)
              .some(
                ({ kind, body }) =>
                  kind === 'rating.settled' && body.serviceKey === draft.body.service.serviceKey,
              ),
          ).toBe(false);
      const count = (kind: string) => journal.written.filter((draft) => draft.kind === kind).length;
      expect(count('invitation.closed')).toBe(count('invitation.opened'));
    }),
    { numRuns: 2_000 },
  );
});
