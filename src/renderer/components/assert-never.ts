/** A `switch` over a closed union ends here. (The one in shared/words.ts would bring zod into the page.) */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
