import { isDeepStrictEqual } from 'node:util';
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

/** Field by field what changes between two revisions, in the order of the form; without an earlier one, all that there is. */
export function revisionDiff(before: Revision | null, after: Revision): readonly FieldDiff[] {
  const [earlier, later] = [before === null ? new Map<string, Value>() : valuesOf(before), valuesOf(after)];
  return [...later.keys()].flatMap((field) => {
    const [was, is] = [earlier.get(field) ?? null, later.get(field) ?? null];
    if (isDeepStrictEqual(was, is) || (isNothing(was) && isNothing(is))) return [];
    const [old, now] = [listOf(was), listOf(is)];
    const lists = Array.isArray(was) || Array.isArray(is);
    return [
      {
        ...{ field, before: was, after: is },
        added: lists ? now.filter((one) => !old.includes(one)) : [],
        removed: lists ? old.filter((one) => !now.includes(one)) : [],
      },
    ];
  });
}

const isNothing = (value: Value) => value === null || (Array.isArray(value) && value.length === 0);

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
