/** An expected failure of a tool: its message tells a person what happened, to what, and what to do. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
}

/** Text of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
