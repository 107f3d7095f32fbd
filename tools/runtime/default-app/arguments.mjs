/**
 * Reads Electron's own part of the command line the way the official default app does: `-r MODULE` preloads a
 * module, `--version` prints, and the first word that is no option is the app. What follows belongs to the app.
 */
export function readArguments(args) {
  const preload = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index];
    if (word === '--version' || word === '-v') return { preload, app: undefined, version: true };
    if (word.startsWith('--app=')) return { preload, app: word.slice('--app='.length), version: false };
    if (word === '-r' || word === '--require') {
      index += 1;
      if (args[index] !== undefined) preload.push(args[index]);
    } else if (!word.startsWith('-')) {
      return { preload, app: word, version: false };
    }
  }
  return { preload, app: undefined, version: false };
}
