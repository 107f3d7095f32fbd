/** Drivers throw strings as well as errors, and emit either. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message.replace(/^Error:? /, '');
  return typeof error === 'string' ? error : 'closed';
}
