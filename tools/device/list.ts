/** `list`: what hangs on this machine and could be a button box. */
import { checkModelFolders, describeProblem } from '../../src/device/buttons.ts';
import { errorText } from '../../src/device/transport/error-text.ts';
import { loadHid } from '../../src/device/transport/hid-library.ts';
import { type Found, takeInventory } from './inventory.ts';
import type { Language } from './options.ts';
import { SHIPPED_MODELS } from './which-box.ts';
import { type Words, wordsIn } from './words.ts';

export async function list(parts: {
  readonly models: string | undefined;
  readonly language: Language;
  readonly print: (line: string) => void;
}): Promise<number> {
  const say = wordsIn(parts.language).list;
  const { models, problems } = await checkModelFolders([
    ...(parts.models === undefined ? [] : [parts.models]),
    SHIPPED_MODELS,
  ]);
  for (const problem of problems) parts.print(describeProblem(problem, parts.language));
  const found = await takeInventory(models);
  for (const line of linesOf(found, say)) parts.print(line);
  const lacking = await loadHid('hidraw').then(() => undefined, errorText);
  if (lacking !== undefined) parts.print(say.noHid(lacking.split('\n')[0] ?? ''));
  if (found.length > 0) parts.print(say.hint);
  return 0;
}

/** Pure, so that a machine with every kind of device need not be there to see it. */
export function linesOf(found: readonly Found[], say: Words['list']): readonly string[] {
  return (['serial', 'hid', 'keyboard'] as const).flatMap((kind) => {
    const these = found.filter((one) => one.kind === kind);
    if (these.length === 0) return [`${say[kind]}：${say.none}`];
    return [say[kind], ...these.flatMap((one) => [`  ${headOf(one, say)}`, `      ${rightsOf(one, say)}`])];
  });
}

function headOf({ path, name, usb, serial, socket, fits, mayFit, kind }: Found, say: Words['list']): string {
  return [
    path,
    ...(usb ? [`USB ${usb.vendorId}:${usb.productId}`] : []),
    ...(name ? [name] : []),
    ...(serial ? [`${say.number} ${serial}`] : []),
    ...(socket ? [`${say.socket} ${socket}`] : []),
    ...(fits.length > 0 ? [`${say.fits} ${fits.join(' ')}`] : []),
    ...(fits.length === 0 && mayFit.length > 0 ? [`${say.mayFit} ${mayFit.join(' ')}`] : []),
    ...(fits.length === 0 && kind === 'serial' ? [say.anySerial] : []),
  ].join(' · ');
}

function rightsOf({ allowed, heldBy }: Found, say: Words['list']): string {
  if (!allowed) return say.denied;
  return heldBy.length > 0 ? say.heldBy(heldBy.join('、')) : say.allowed;
}
