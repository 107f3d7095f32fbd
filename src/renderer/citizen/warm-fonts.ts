import { catalogueOf } from '../catalogue/catalogue.ts';

const FAMILY = "1em 'Noto Sans SC Variable'";
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789 -·/()（）“”，。：？、★';

/** Every word of a catalogue, functions called with a sample. */
export function wordsOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part === 'function') return String(part('0'));
  if (typeof part === 'object' && part !== null) return Object.values(part).map(wordsOf).join('');
  return '';
}

/**
 * The bundled font comes in slices that are read when a sign of theirs is first drawn. Reading the slices of all
 * our own words while nobody waits spares a citizen the frame in which a question would stand there without letters.
 */
export async function warmFonts(fonts: FontFaceSet): Promise<void> {
  await fonts.load(FAMILY, LETTERS + wordsOf(catalogueOf('zh-CN')));
}
