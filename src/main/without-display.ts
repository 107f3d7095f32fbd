import { spawnSync } from 'node:child_process';
import { app } from 'electron';
import { wordsWithoutDisplay } from './command-line.ts';

/** For a verb that shows nothing. @returns whether another process has done the work; this one ends as it ended. */
export function didWithoutDisplay(): boolean {
  const words = wordsWithoutDisplay({ platform: process.platform, argv: process.argv, env: process.env });
  if (!words) return false;
  const { status, error } = spawnSync(process.execPath, [...words], { stdio: 'inherit' });
  if (error) process.stderr.write(`[yiping] could not be started again: ${error.message}\n`);
  app.exit(status ?? 70);
  return true;
}
