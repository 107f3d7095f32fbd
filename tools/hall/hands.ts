/** Carries out what somebody does on the bench page. */

import { assertNever } from '../../src/shared/words.ts';
import type { Action, ActionProblem, ActionResult } from './actions.ts';
import type { BoxStand } from './box-stand.ts';
import type { KioskRunner } from './kiosk-runner.ts';
import { COUNTER, OTHER_COUNTER } from './kiosk-settings.ts';
import type { MemoryScreen } from './memory-screen.ts';
import { type QueueStand, untoldBy } from './queue-stand.ts';
import type { NetworkState, Relay } from './relay.ts';

const DONE: ActionResult = { ok: true };

function not(problem: ActionProblem): ActionResult {
  return { ok: false, problem };
}

function doneIf(isDone: boolean, problem: ActionProblem): ActionResult {
  return isDone ? DONE : not(problem);
}

export function createHands(parts: {
  readonly queue: QueueStand;
  readonly box: BoxStand;
  readonly relay: Relay;
  readonly kiosk: KioskRunner;
  readonly screen: MemoryScreen | null;
  /** Writes the settings of the kiosk with the box that stands there now. */
  readonly writeSettings: () => Promise<void>;
}): (action: Action) => Promise<ActionResult> {
  const { queue, box, relay, kiosk, screen } = parts;
  const { sim } = queue;
  const untold: readonly string[] = untoldBy(queue.link);

  const setNetwork = (of: 'province' | 'queue', is: NetworkState) => {
    if (of === 'province') relay.set(is);
    else queue.setNetwork(is);
    return DONE;
  };

  const answerFor = (verb: 'choose' | 'confirm' | 'finish' | 'help' | 'decline', more: object) => {
    const shown = kiosk.snapshot()?.screen;
    if (shown === undefined || !('invitation' in shown)) return not('nothingToAnswer');
    return doneIf(kiosk.say(verb, { invitation: shown.invitation, ...more }), 'noScreen');
  };

  /** A kiosk reads its settings when its core starts. */
  const settingsFollow = async () => {
    await parts.writeSettings();
    if (kiosk.process().running) kiosk.kill('core');
  };

  return async (action) => {
    if (untold.includes(action.do)) return not('noWord');
    switch (action.do) {
      case 'call':
        sim.callNext(COUNTER);
        return DONE;
      case 'recall':
        return doneIf(sim.recall(COUNTER) !== null, 'noTicket');
      case 'served':
        return doneIf(sim.served(COUNTER) !== null, 'noTicket');
      case 'skip':
        return doneIf(sim.skip(COUNTER) !== null, 'noTicket');
      case 'transfer':
        return doneIf(sim.transfer(COUNTER, OTHER_COUNTER) !== null, 'noTicket');
      case 'pause':
        sim.pause(COUNTER);
        return DONE;
      case 'resume':
        sim.resume(COUNTER);
        return DONE;
      case 'reset':
        sim.reset(COUNTER);
        return DONE;
      case 'press':
        if (!box.plugged) return not('boxPulled');
        if (!box.model.keys.some(({ code }) => code === action.key)) return not('noSuchKey');
        await box.press(action.key);
        return DONE;
      case 'model':
        if (action.model === box.model.id) return DONE;
        return doneIf(await box.change(action.model, settingsFollow), 'notPlayable');
      case 'box':
        await (action.cable === 'plugged' ? box.plug() : box.pull());
        return DONE;
      case 'network':
        return setNetwork(action.of, action.is);
      case 'kill':
        if (!kiosk.process().running) return not('kioskDown');
        return doneIf(kiosk.kill(action.what) > 0, 'noSuchProcess');
      case 'tap':
        if (!screen) return not('noScreen');
        await screen.tap(action);
        return DONE;
      case 'choose':
        return answerFor('choose', { level: action.level });
      case 'answer':
        return answerFor(action.verb, {});
      default:
        return assertNever(action);
    }
  };
}
