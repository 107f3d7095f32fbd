/** What a cell of a row may be; null is NULL. */
export type Cell = string | number | null | undefined;

/**
 * Rows in the text format of PostgreSQL's COPY: a line a row, a tab between cells.
 * (PostgreSQL manual, COPY, "Text Format")
 */
export function copyText<Row>(rows: readonly Row[], cells: (row: Row) => readonly Cell[]): string {
  let text = '';
  for (const row of rows) {
    let between = '';
    for (const cell of cells(row)) {
      text += between + cellText(cell);
      between = '\t';
    }
    text += '\n';
  }
  return text;
}

function cellText(cell: Cell): string | number {
  if (cell === null || cell === undefined) return '\\N';
  return typeof cell === 'string' && SPECIAL.test(cell) ? cell.replace(SPECIALS, escaped) : cell;
}

const SPECIAL = /[\\\t\n\r]/;
const SPECIALS = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(character: string): string {
  return ESCAPES[character] ?? character;
}
