import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPtyPair, type PtyPair } from '../../tools/button-box/pty-pair.ts';

export interface TestPty extends PtyPair {
  /** Pulls the cable and removes the folder. */
  dispose(): Promise<void>;
}

/** A plugged pair of pseudo terminals in a folder of its own. */
export async function createTestPty(): Promise<TestPty> {
  const folder = await mkdtemp(join(tmpdir(), 'yiping-pty-'));
  const pair = createPtyPair({ folder });
  await pair.plug();
  return {
    hostPath: pair.hostPath,
    boxPath: pair.boxPath,
    plug: () => pair.plug(),
    pull: () => pair.pull(),
    get plugged() {
      return pair.plugged;
    },
    async dispose() {
      await pair.pull();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
