import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program of this folder, as source or as built. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(import.meta.filename)}`, import.meta.url));
}
