/**
 * The log on a disk that is filled and freed, as a program: it may need a mount table of its own. Says what the log holds.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogFile } from '../../src/core/log-file.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';
import { MAY_NOT_MOUNT } from './disk.ts';
import { againWhereMountingIsAllowed, mountSmallDisk, type SmallDisk } from './disk-small.ts';

const LINES_ON_A_FULL_DISK = 200;

async function run(disk: SmallDisk): Promise<number> {
  mkdirSync(disk.folder);
  const clock = createFakeClock();
  const log = createLogFile(join(disk.folder, 'logs'), clock);
  const text = () => readFileSync(join(disk.folder, 'logs', 'kiosk.log'), 'utf8');
  const has = (line: string) => {
    if (!text().split('\n').includes(line)) throw new Error(`the log has no line of its own: ${line}`);
  };
  const write = (event: string) => {
    const line = JSON.stringify({ event, pad: 'x'.repeat(100) });
    log.write(`${line}\n`);
    return line;
  };
  const before = write('before');
  await until(() => has(before));
  for (let round = 0; round < 3; round++) {
    disk.fill();
    for (let n = 0; n < LINES_ON_A_FULL_DISK; n++) write('journalFailed');
    const held = text().length;
    // Until nothing goes in any more, and nothing that still waits does.
    await until(() => {
      clock.advance(10_000);
      write('journalFailed');
      disk.fill();
      if (clock.monoMs() < (round + 1) * 1_000_000) throw new Error('not yet');
    });
    console.log(`round ${round}: ${held} bytes when it was full, ${text().length} at its end`);
    disk.free();
    let back = '';
    await until(() => {
      clock.advance(10_000);
      back = write(`journalBack ${round} ${clock.monoMs()}`);
      if (!text().includes(`journalBack ${round}`))
        throw new Error('nothing was written after the disk had room again');
    });
    await until(() => has(back));
    const next = write(`aDayLater ${round}`);
    await until(() => has(next));
  }
  return 0;
}

async function main(): Promise<number> {
  const disk = mountSmallDisk();
  if (!disk) {
    const elsewhere = againWhereMountingIsAllowed(import.meta.filename, []);
    if (elsewhere !== undefined) return elsewhere;
    console.error('NOT RUN: this user may neither mount nor have a mount table of its own.');
    return MAY_NOT_MOUNT;
  }
  try {
    return await run(disk);
  } finally {
    disk.close();
  }
}

if (import.meta.main) process.exit(await main());
