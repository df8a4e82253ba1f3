/** A parameter as a request gave it once: what is missing, or was sent twice, is no text. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
