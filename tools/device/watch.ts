/** `watch` and `record`: the kiosk's own driver on a real line, until somebody ends it. */
import { type BoxParts, createDriver, createDriverProcess, type Driver } from '../../src/device/buttons.ts';
import { BEAT_MS } from '../../src/device/process/driver-port.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import { createPorts } from '../../src/device/transport/ports.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { BoxWords, Language } from './options.ts';
import { createRecording } from './recording.ts';
import { createShow } from './show.ts';
import { wordsIn } from './words.ts';

/** The box was never there: 3, so that a script can tell it from wrong words (2) and from a check that failed (1). */
export const NEVER_READY = 3;

export async function watch(parts: {
  readonly box: BoxParts;
  readonly words: BoxWords;
  readonly language: Language;
  readonly print: (line: string) => void;
  /** Where every byte is kept; undefined: nowhere. */
  readonly file?: string;
  /** Resolves when somebody has seen enough. */
  readonly ended: Promise<void>;
}): Promise<number> {
  const { box, language, print } = parts;
  const say = wordsIn(language);
  const show = createShow({
    box,
    hasLevels: parts.words.levels !== undefined,
    language,
    stamp: () => new Date().toLocaleTimeString('zh-CN', { hour12: false }),
    print,
  });
  let isFull = () => {};
  const full = new Promise<void>((resolve) => {
    isFull = resolve;
  });
  const recording =
    parts.file === undefined
      ? undefined
      : await createRecording({
          file: parts.file,
          box,
          clock: systemClock,
          openPort: createPorts({ clock: systemClock }),
          onFull(what) {
            print(say.full(what));
            isFull();
          },
        });
  if (recording && !recording.ok) {
    print(say.cannotWrite(parts.file ?? '', recording.why));
    return 2;
  }
  let wasReady = false;
  const onEvent: Parameters<typeof createDriver>[0]['onEvent'] = (event) => {
    show.event(event);
    recording?.event(event);
    if (event.type === 'state' && event.state.state === 'ready') {
      wasReady = true;
      if (parts.words.light) driver.say('prompt');
    }
    if (event.type === 'press' && parts.words.light) {
      driver.acknowledge(event.press);
      driver.say('thanks');
    }
  };
  // What is recorded are the bytes before the driver has them, and those never leave its process.
  const driver: Driver = recording
    ? createDriver({ boxes: [box], clock: systemClock, openPort: recording.openPort, onEvent })
    : createDriverProcess({ boxes: [box], clock: systemClock, spawn: createForkedDrivers(), onEvent });
  print(say.endWith);
  driver.start();
  await Promise.race([parts.ended, full, ...inSeconds(parts.words.seconds)]);
  // A process of its own counts with every beat; what it heard last comes with the next.
  await new Promise((resolve) => setTimeout(resolve, 2 * BEAT_MS));
  await driver.stop();
  const counters = driver.counters();
  show.counters(counters);
  if (recording) print(say.recorded(await recording.close(), parts.file ?? ''));
  if (!wasReady) print(say.neverReady);
  else if (counters.signals + counters.lineFaults === 0 && box.model.keys.length > 0) print(say.nothingHeard);
  return wasReady ? 0 : NEVER_READY;
}

function inSeconds(seconds: number | undefined): readonly Promise<void>[] {
  if (seconds === undefined) return [];
  return [new Promise((resolve) => setTimeout(resolve, seconds * 1_000))];
}
