// Plain JavaScript on purpose: it must run, and speak, on exactly the old Node it complains about.
// As `node --import ./tools/preflight/check-node.mjs program.ts` it stops the program before it is read.

export const WANTED_MAJOR = 24;

/** A line for people when this Node is too old, else undefined. */
export function nodeProblem(version = process.versions.node) {
  const major = Number.parseInt(version, 10);
  if (major >= WANTED_MAJOR) return undefined;
  return (
    `Yiping's tools need Node ${WANTED_MAJOR} or newer; this is Node ${version}. ` +
    'The project brings its own: start through npm (`npm start`, `npm test`, `npm run …`). ' +
    'If npm itself picks the old one, its install script was not run: `npm rebuild node`.'
  );
}

/** Ends the process with one clear line when this Node is too old. */
export function checkNode(version = process.versions.node) {
  const problem = nodeProblem(version);
  if (problem === undefined) return;
  console.error(problem);
  process.exit(1);
}

checkNode();
