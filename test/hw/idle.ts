import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { LoopFigures } from './loop-gauge.ts';
import { program } from './program.ts';

/** Beside a measurement: how long an emulated machine with too little to run on stands still by itself. */
export interface Idle {
  end(): Promise<LoopFigures>;
}

export function startIdle(): Idle {
  const child = fork(program('idle-child'));
  child.unref();
  child.channel?.unref();
  return {
    async end() {
      child.channel?.ref();
      const told = once(child, 'message');
      child.send('end');
      return (await told)[0] as LoopFigures;
    },
  };
}
