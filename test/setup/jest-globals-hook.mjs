// @jest/globals outside of jest's own contexts (node-runtime.mjs).
export function resolve(specifier, context, next) {
  if (specifier !== '@jest/globals') return next(specifier, context);
  return { url: new URL('./jest-globals.mjs', import.meta.url).href, shortCircuit: true };
}
