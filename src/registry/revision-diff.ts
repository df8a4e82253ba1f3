import type { Revision } from '../policy/revision.ts';
import { wordsOf } from './revisions.ts';

/** What one field was and is; a list also says what came and what went. */
export interface FieldDiff {
  /** `name`, `redirectUris`, `useCase.categories`, `dataUse.funding`. */
  readonly field: string;
  readonly before: Value;
  readonly after: Value;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** As a person reads it: null where there was or is nothing. */
export type Value = string | number | readonly string[] | null;

/** Field by field what changes between two revisions; lists have no order. Without an earlier one it is all that there is. */
export function revisionDiff(before: Revision | null, after: Revision): readonly FieldDiff[] {
  const [earlier, later] = [before === null ? new Map<string, Value>() : valuesOf(before), valuesOf(after)];
  return [...new Set([...later.keys(), ...earlier.keys()])].flatMap((field) => {
    const [was, is] = [earlier.get(field) ?? null, later.get(field) ?? null];
    const [old, now] = [listOf(was), listOf(is)];
    const added = now.filter((one) => !old.includes(one));
    const removed = old.filter((one) => !now.includes(one));
    const lists = Array.isArray(was ?? is) && Array.isArray(is ?? was);
    const same = lists ? added.length + removed.length === 0 : was === is;
    return same ? [] : [{ field, before: was, after: is, added, removed }];
  });
}

const listOf = (value: Value): readonly string[] => (Array.isArray(value) ? value : []);

function valuesOf(revision: Revision): Map<string, Value> {
  const { useCase, dataUse, subprocessors, scopeCeiling, ...plain } = wordsOf(revision);
  const { volume, hours, legalReview, minimization, ...answers } = useCase;
  const values: Record<string, Value> = {
    ...plain,
    // Scopes are a set that is written as one text.
    scopeCeiling: scopeCeiling.split(' '),
    subprocessors: subprocessors.map(({ organizationId, service }) => `${organizationId} ${service}`),
    ...under('useCase', answers),
    ...under('useCase.volume', volume),
    ...(typeof hours === 'string' ? { 'useCase.hours': hours } : under('useCase.hours', hours)),
    ...under('useCase.legalReview', legalReview),
    ...under('useCase.minimization', minimization),
  };
  for (const [question, given] of Object.entries(dataUse)) {
    Object.assign(values, under(`dataUse.${question}`, given));
  }
  return new Map(Object.entries(values));
}

const under = (field: string, parts: object | null): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(parts ?? {}).map(([part, value]) => [`${field}.${part}`, value as Value]),
  );
