import { create } from 'qrcode';
import { expect, it } from 'vitest';
import { qrPath } from './qr-path.ts';

it('covers exactly the dark modules', () => {
  const text = 'https://pj.example.gov.cn/r/ABCD-EFGH-JKMN';
  const { size, path } = qrPath(text);
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const drawn = new Set<string>();
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
    for (let i = 0; i < Number(run); i++) drawn.add(`${Number(x) + i} ${y}`);
  expect(size).toBe(modules.size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      expect(drawn.has(`${column} ${row}`)).toBe(Boolean(modules.get(row, column)));
});
