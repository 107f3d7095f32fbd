import { fork } from 'node:child_process';
import { once } from 'node:events';
import { program } from './program.ts';

/** Beside a measurement: how long an emulated machine with too little to run on stands still by itself. */
export interface Idle {
  end(): Promise<number>;
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
      return Number((await told)[0]);
    },
  };
}
