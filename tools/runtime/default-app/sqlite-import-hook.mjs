// Runs in Node's hooks thread; see sqlite-hooks.mjs.
let name = '';
let url = '';

export function initialize(data) {
  name = data.name;
  url = data.url;
}

export async function resolve(specifier, context, nextResolve) {
  if (specifier === name) return { url, format: 'commonjs', shortCircuit: true };
  return nextResolve(specifier, context);
}
