/** Advance widths in the bundled font, in em: a Chinese sign is one, the widest digit or capital a little over ½. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{20000}-\u{3ffff}]/u;
const WIDE_EM = 1;
const NARROW_EM = 0.63;

/** How wide a text will be, in em, on the safe side: lets a style sheet choose the size at which it fits. */
export function widthInEm(text: string): number {
  let width = 0;
  for (const sign of text) width += WIDE.test(sign) ? WIDE_EM : NARROW_EM;
  return Math.max(width, NARROW_EM);
}
