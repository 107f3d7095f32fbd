/** Rows of PostgreSQL's binary COPY format, each its fields as bytes; null is NULL. For tests of those who write it. */
export function copiedRows(bytes: Uint8Array): readonly (readonly (Buffer | null)[])[] {
  const from = Buffer.from(bytes);
  if (from.toString('latin1', 0, 11) !== 'PGCOPY\n\xff\r\n\0') throw new Error('no COPY signature');
  let at = 11;
  const int = () => {
    at += 4;
    return from.readInt32BE(at - 4);
  };
  if (int() !== 0) throw new Error('flags');
  if (int() !== 0) throw new Error('an extension');
  const rows: (Buffer | null)[][] = [];
  for (;;) {
    const fields = from.readInt16BE(at);
    at += 2;
    if (fields === -1) break;
    const row: (Buffer | null)[] = [];
    for (let n = 0; n < fields; n++) {
      const length = int();
      row.push(length === -1 ? null : from.subarray(at, at + length));
      at += Math.max(0, length);
    }
    rows.push(row);
  }
  if (at !== from.length) throw new Error(`${from.length - at} bytes behind the end`);
  return rows;
}
