import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { Answer, CitizenBridge } from '../../shared/screen/contract.ts';
import type { InvitationId, Level } from '../../shared/words.ts';
import { createActs } from './acts.ts';
import { nextView, type View } from './view.ts';

const invitation = '0199e0c2-7a10-7b3e-9c55-2f6d1a4b8e01' as InvitationId;
const span = { endsInMs: 60_000, totalMs: 60_000 };
const place = { locale: 'zh-CN', hall: { 'zh-CN': '滨海' }, counter: { number: '3' } } as const;
const inviting: View = { revision: 1, ...place, screen: { name: 'inviting', invitation, span } };

function chosen(revision: number, level: Level): View {
  return { revision, ...place, screen: { name: 'chosen', invitation, level, span } };
}

/** A core that answers when the test says so; a verb the test does not expect throws. */
function createScreen() {
  const calls: unknown[] = [];
  const answers: Array<{ resolve: (answer: Answer) => void; reject: (error: Error) => void }> = [];
  const hear = (verb: string) => (request: unknown) => {
    calls.push([verb, request]);
    return new Promise<Answer>((resolve, reject) => answers.push({ resolve, reject }));
  };
  const bridge: CitizenBridge = {
    choose: hear('choose'),
    confirm: hear('confirm'),
    tick: hear('tick'),
    help: hear('help'),
    finish: hear('finish'),
    decline: hear('decline'),
    speak: hear('speak'),
    corner: hear('corner'),
    onSnapshot: () => {
      throw new Error('acts must not listen to snapshots');
    },
  };
  const view = signal<View>(inviting);
  const { acts, viewChanges } = createActs({ bridge, view });
  return {
    acts,
    calls,
    show(next: View) {
      viewChanges(view.value, next);
      view.value = next;
    },
    async answer(answer: Answer | Error) {
      const waiting = answers.shift();
      if (answer instanceof Error) waiting?.reject(answer);
      else waiting?.resolve(answer);
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

const choose = (level: Level) => ({ verb: 'choose', level }) as const;

describe('a touch', () => {
  it('is drawn when the finger comes down and sent when it is lifted', () => {
    const { acts, calls } = createScreen();
    acts.touch(choose(4), 1);
    expect(acts.shown.value).toEqual(choose(4));
    expect(calls).toEqual([]);
    acts.lift(1);
    expect(calls).toEqual([['choose', { invitation, level: 4 }]]);
    expect(acts.shown.value).toEqual(choose(4));
  });

  it('that slides away did nothing', () => {
    const { acts, calls } = createScreen();
    acts.touch(choose(4), 1);
    acts.release(1);
    acts.lift(1);
    expect(acts.shown.value).toBeNull();
    expect(calls).toEqual([]);
  });

  it('with a second finger beside it counts for the first finger only', () => {
    const { acts, calls } = createScreen();
    acts.touch(choose(4), 1);
    acts.touch(choose(1), 2);
    acts.lift(2);
    expect(calls).toEqual([]);
    acts.lift(1);
    expect(calls).toEqual([['choose', { invitation, level: 4 }]]);
  });

  it('is ignored while the core has not answered', async () => {
    const { acts, calls, answer, show } = createScreen();
    acts.perform(choose(4));
    acts.touch(choose(1), 1);
    acts.lift(1);
    acts.perform(choose(2));
    expect(calls).toHaveLength(1);
    await answer({ accepted: true });
    show(chosen(2, 4));
    acts.perform(choose(2));
    expect(calls).toHaveLength(2);
  });

  it('that began on another page does nothing on this one', () => {
    const { acts, calls, show } = createScreen();
    acts.touch({ verb: 'decline' }, 1);
    show(chosen(2, 5));
    acts.lift(1);
    expect(calls).toEqual([]);
    expect(acts.shown.value).toBeNull();
  });

  it('on a page without an invitation sends nothing', () => {
    const { acts, calls, show } = createScreen();
    show({ ...place, revision: 2, screen: { name: 'idle' } });
    acts.perform(choose(5));
    expect(calls).toEqual([]);
    acts.perform({ verb: 'speak', locale: 'en' });
    expect(calls).toEqual([['speak', { locale: 'en' }]]);
  });
});

describe('what is drawn after the answer', () => {
  it('stays until the snapshot that contains it, when the reply is first', async () => {
    const { acts, answer, show } = createScreen();
    acts.perform(choose(4));
    await answer({ accepted: true });
    expect(acts.shown.value).toEqual(choose(4));
    show(chosen(2, 4));
    expect(acts.shown.value).toBeNull();
  });

  it('is left to the snapshot, when that is first', async () => {
    const { acts, answer, show } = createScreen();
    acts.perform(choose(4));
    show(chosen(2, 4));
    await answer({ accepted: true });
    expect(acts.shown.value).toBeNull();
    expect(acts.unanswered.value).toBe(false);
  });

  it('goes at once when the core refuses', async () => {
    const { acts, answer } = createScreen();
    acts.perform(choose(4));
    await answer({ accepted: false, reason: 'staleInvitation' });
    expect(acts.shown.value).toBeNull();
  });

  it('goes and asks for another press when there was no answer, until one is made', async () => {
    const { acts, answer } = createScreen();
    acts.perform(choose(4));
    await answer(new Error('no answer'));
    expect(acts.shown.value).toBeNull();
    expect(acts.unanswered.value).toBe(true);
    acts.perform(choose(4));
    expect(acts.unanswered.value).toBe(false);
  });
});

describe('the view without a core', () => {
  it('still says where we are, and no longer who or what', () => {
    const gone = nextView({ ...inviting, clerk: { number: '1024' } }, null);
    expect(gone).toMatchObject({ ...place, screen: { name: 'outOfService', fault: 'core' } });
    expect(gone.clerk).toBeUndefined();
    expect(JSON.stringify(gone)).not.toContain(invitation);
  });
});
