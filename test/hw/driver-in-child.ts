import { spawn } from 'node:child_process';
import type { DriverEvent } from '../../src/device/buttons.ts';
import type { Press } from '../../src/shared/press.ts';
import type { LinkState } from '../../src/shared/queue-event.ts';
import type { DeviceRig } from '../contract/device-contract.ts';
import { until } from '../support/until.ts';
import type { LoopFigures } from './loop-gauge.ts';
import { program } from './program.ts';

export interface DriverFigures extends LoopFigures {
  /** What it worked without a pause at most before it was told to measure a second time: whatever runs for the first time. */
  readonly workedFirstMs: number;
}

export interface DriverInChild {
  readonly states: readonly LinkState[];
  readonly presses: readonly Press[];
  tell(what: 'prompt' | 'thanks' | 'measure'): void;
  /** @returns how its event loop fared since it was told to measure. */
  stop(): Promise<DriverFigures>;
}

type Said = DriverEvent | { readonly type: 'stopped'; readonly figures: DriverFigures };

/** Not beside the box in one process: starting the box's own programs holds up an event loop by itself. */
export function startDriver(parts: {
  readonly model: string;
  readonly place: DeviceRig['place'];
  /** Runs as the user of a kiosk would. */
  readonly asOrdinaryUser?: boolean;
}): DriverInChild {
  const user = parts.asOrdinaryUser ? ['setpriv', '--reuid=bench', '--regid=bench', '--init-groups'] : [];
  const [command = '', ...args] = [...user, process.execPath, program('driver-child'), JSON.stringify(parts)];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // What a failed test leaves behind must not keep its process.
  child.unref();
  child.channel?.unref();
  const states: LinkState[] = [];
  const presses: Press[] = [];
  let figures: DriverFigures | undefined;
  child.on('message', (message) => {
    const said = message as Said;
    if (said.type === 'state') states.push(said.state);
    if (said.type === 'press') presses.push(said.press);
    if (said.type === 'stopped') figures = said.figures;
  });
  return {
    states,
    presses,
    tell: (what) => void child.send(what),
    async stop() {
      child.send('stop');
      await until(() => {
        if (!figures) throw new Error('the driver does not stop');
      });
      return figures ?? { heldUpMs: 0, workedMs: 0, workedFirstMs: 0 };
    },
  };
}
