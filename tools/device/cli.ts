/**
 * `npm run device`: what a technician has for button boxes, and what tests use of them. Runs the same drivers as the
 * kiosk and decides nothing about ratings.
 */
import { basename, dirname } from 'node:path';
import { describeProblem, loadModel } from '../../src/device/buttons.ts';
import { assertNever } from '../../src/shared/words.ts';
import { readCapture } from './capture.ts';
import { list } from './list.ts';
import { type Language, type Order, readOrder } from './options.ts';
import { press, serve } from './play-box.ts';
import { boxOf, replay } from './replay.ts';
import { createShow } from './show.ts';
import { watch } from './watch.ts';
import { type BoxProblem, findBox, findModel } from './which-box.ts';
import { type Words, wordsIn } from './words.ts';

/** Wrong words, or a file or port that cannot be used. */
const WRONG = 2;

const print = (line: string) => process.stdout.write(`${line}\n`);
const complain = (line: string) => process.stderr.write(`${line}\n`);
const ended = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  // Whoever reads us may be gone first.
  process.stdout.on('error', () => resolve());
});

async function carryOut(order: Order, language: Language): Promise<number> {
  const say = wordsIn(language);
  switch (order.verb) {
    case 'help':
      print(say.usage);
      return 0;
    case 'list':
      return list({ models: order.models, language, print });
    case 'watch':
    case 'record': {
      const box = await findBox(order.box);
      if (!box.ok) return refuse(box.problem, say);
      const file = order.verb === 'record' ? { file: order.file } : {};
      return watch({ box: box.value, words: order.box, language, print, ended, ...file });
    }
    case 'replay':
      return playAgain(order, language);
    case 'press':
    case 'serve': {
      const model = await findModel(order.box.model, order.box.models);
      if (!model.ok) return refuse(model.problem, say);
      const played = { words: order.box, model: model.value, say };
      if (order.verb === 'serve') return serve({ ...played, folder: order.folder, print, ended });
      return press({ ...played, keys: order.keys, print });
    }
    case 'model-check':
      return checkModels(order.files, language);
    default:
      return assertNever(order);
  }
}

async function playAgain(
  order: Extract<Order, { readonly verb: 'replay' }>,
  language: Language,
): Promise<number> {
  const say = wordsIn(language);
  const read = await readCapture(order.file);
  if (!read.ok) return wrong(say.capture(order.file, read.line, read.why));
  const model = order.model === undefined ? undefined : await findModel(order.model, undefined);
  if (model?.ok === false) return refuse(model.problem, say);
  const { capture } = read;
  const box = boxOf(capture, model?.value);
  let atMs = 0;
  const show = createShow({
    box,
    hasLevels: false,
    language,
    stamp: () => `+${(atMs / 1_000).toFixed(3)}s`,
    print,
  });
  const { stated, made, counters } = await replay({
    capture,
    ...(model ? { model: model.value } : {}),
    onEvent(event, eventAtMs) {
      atMs = eventAtMs;
      show.event(event);
    },
  });
  show.counters(counters);
  const isSame = stated.join() === made.join();
  print(isSame ? say.same : say.differs(stated.join(' '), made.join(' ')));
  return isSame ? 0 : 1;
}

/** Each file for itself; a model is named as its file is, so that a folder of files is checked as a kiosk reads it. */
async function checkModels(files: readonly string[], language: Language): Promise<number> {
  const say = wordsIn(language);
  let failed = false;
  for (const file of files) {
    const read = await loadModel({ folders: [dirname(file)], id: basename(file, '.json') });
    if (read.ok) print(say.modelRight(file, read.model.keys.length));
    else {
      failed = true;
      for (const problem of read.problems) complain(describeProblem(problem, language));
    }
  }
  return failed ? 1 : 0;
}

function refuse(problem: BoxProblem, say: Words): number {
  switch (problem.kind) {
    case 'noModel':
      return wrong(say.noModel(problem.model, problem.known.join('、'), problem.why));
    case 'noPlace':
      return wrong(say.noPlace);
    case 'settings':
      return wrong(problem.why);
    default:
      return assertNever(problem);
  }
}

function wrong(why: string): number {
  complain(why);
  return WRONG;
}

const read = readOrder(process.argv.slice(2), process.env);
try {
  const code = read.ok
    ? await carryOut(read.order, read.language)
    : wrong(wordsIn(read.language).wrong(read.wrong));
  // What is open is closed; nobody waits for a line that a box does not read.
  process.exit(code);
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
