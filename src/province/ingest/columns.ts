/**
 * Rows travel as one parameter per column, so that a batch is one statement however long it is, and the statement
 * is a constant that the database prepares once. A column is its values, a line each: no value can hold a line
 * break (canonical JSON escapes it, everything else was refused with control characters in it), and taking lines
 * apart costs far less at both ends than the quoting of array literals.
 */

/** The lines of parameter `n` as an array of `type`. An empty line is NULL. */
export function lines(n: number, type: 'text' | 'bigint' | 'smallint'): string {
  const array = `string_to_array($${n}, E'\\n', '')`;
  return type === 'text' ? array : `${array}::${type}[]`;
}

/** The values that `read` finds in the rows, a line each. */
export function column<Row>(
  rows: readonly Row[],
  read: (row: Row) => string | number | null | undefined,
): string {
  let text = '';
  let between = '';
  for (const row of rows) {
    text += between + (read(row) ?? '');
    between = '\n';
  }
  return text;
}
