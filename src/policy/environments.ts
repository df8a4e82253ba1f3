/** `sandbox`: invented patients only; an app is in one of them for good. */
export const ENVIRONMENTS = ['sandbox', 'production'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];
