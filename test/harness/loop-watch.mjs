// Loaded before a process's own entry (NODE_OPTIONS=--import): tells from inside how long its event loop stood still, and
// how much of that it was working itself; the rest is a machine that gave it no turn, or a call that waited. As a file that
// is there also after a kill. Nothing of the product knows of it.
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = process.env.YIPING_LOOP_WATCH;
// A program that is only passed through on the way to another has no such clock.
if (folder && process.threadCpuUsage) {
  const LOOK_MS = 4;
  const started = performance.now();
  const entry = process.argv[1] ?? '';
  const file = join(folder, `${process.pid}.json`);
  let maxMs = 0;
  let workedMs = 0;
  let lookedAt = started;
  let used = process.threadCpuUsage();
  let writing = false;
  let begun = false;

  const look = () => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(used);
    used = process.threadCpuUsage();
    const stoodMs = now - lookedAt - LOOK_MS;
    lookedAt = now;
    // Compiling and loading at the start is no work on a line, however long it takes: whoever runs this says when it is over.
    if (!begun || now - started < 2_500) return;
    maxMs = Math.max(maxMs, stoodMs);
    workedMs = Math.max(workedMs, (user + system) / 1_000);
  };
  setInterval(look, LOOK_MS).unref();
  // Not at once: on a slow disk the watch itself would be what stands still.
  setInterval(() => {
    if (!begun)
      access(join(folder, 'begin')).then(
        () => {
          begun = true;
        },
        () => {},
      );
    if (writing || maxMs === 0) return;
    writing = true;
    writeFile(`${file}.new`, JSON.stringify({ entry, maxMs, workedMs }))
      .then(() => rename(`${file}.new`, file))
      .catch(() => {})
      .finally(() => {
        writing = false;
      });
  }, 200).unref();
}
