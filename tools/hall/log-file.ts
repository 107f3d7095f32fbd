import { createWriteStream, statSync } from 'node:fs';

const LARGEST_BYTES = 5_000_000;

/** What a child says, kept for whoever wants to know why; begun anew when it has grown large. */
export function openLog(file: string): (text: string) => void {
  const stream = createWriteStream(file, { flags: isLarge(file) ? 'w' : 'a', mode: 0o600 });
  // A full disk must not end the bench with it.
  stream.on('error', () => {});
  return (text) => stream.write(text);
}

function isLarge(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_BYTES;
}
