// How long credentials live: registered, shown once, replaced with an overlap, ended.
import { randomBytes } from 'node:crypto';
import { daysAfter } from '../policy/days.ts';
import type { RegistrySettings } from './deps.ts';
import { RegistryRefusal } from './refusal.ts';

/** At once, or after an overlap of whole days in which its successor is already accepted. */
export type Ending = 'now' | number;

/** When, and why: what is taken away is taken for a reason. */
export interface EndedFor {
  readonly when: Ending;
  readonly reason: string;
}

/** 256 bits: RFC 6749 §10.10 asks for at least 128. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** When a credential ends that ends at `endsAt` anyway: never later. Undefined: at once. */
export function endAfter(
  when: Ending,
  endsAt: Date,
  now: Date,
  { overlapDays }: RegistrySettings,
): Date | undefined {
  if (when === 'now') return undefined;
  if (!Number.isInteger(when) || when < 1 || when > overlapDays) {
    throw new RegistryRefusal('input_invalid', [
      { field: 'overlapDays', code: 'out_of_range', value: String(when) },
    ]);
  }
  return new Date(Math.min(endsAt.getTime(), daysAfter(now, when).getTime()));
}
