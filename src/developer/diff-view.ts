import { type FieldDiff, revisionDiff, type Value } from '../registry/revision-diff.ts';
import type { KeptRevision } from '../store/app-revisions.ts';
import type { Translate } from '../web/messages.ts';

export interface DiffLine {
  readonly label: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** What a revision changes, in words; without an earlier one, all that it says. */
export const diffView = (before: KeptRevision | null, after: KeptRevision, t: Translate): readonly DiffLine[] =>
  revisionDiff(before, after).map((diff) => ({
    label: labelOf(diff.field, t),
    removed: shown(diff, diff.before, diff.removed, t),
    added: shown(diff, diff.after, diff.added, t),
  }));

function shown({ field, before, after }: FieldDiff, value: Value, part: readonly string[], t: Translate) {
  const values = Array.isArray(before) || Array.isArray(after) ? part : value === null ? [] : [String(value)];
  return values.map((one) => wordOf(field, one, t));
}

function labelOf(field: string, t: Translate): string {
  const explained = /^dataUse\.(\w+)\.explanation$/.exec(field)?.[1];
  return explained === undefined
    ? t(`developer.field.${field}`)
    : t('developer.field.dataUse.explanation', { question: t(`developer.field.dataUse.${explained}.answer`) });
}

/** Fields whose values have words of their own. */
const WORDS: readonly (readonly [RegExp, (value: string, match: readonly string[]) => string])[] = [
  [/^useCase\.categories$/, (value) => `scope.${value}.name`],
  [/^purposes$/, (value) => `purpose-name.${value}`],
  [/^dataUse\.(\w+)\.answer$/, (value, [, question]) => `developer.option.dataUse.${question}.${value}`],
  [
    /^(?:applicationType|authMethod|useCase\.(?:access|basis|exchangeProfile|minimization\.identification))$/,
    (value, [field]) => `developer.option.${field}.${value}`,
  ],
];

function wordOf(field: string, value: string, t: Translate): string {
  if (field === 'useCase.hours' && value === 'always') return t('developer.option.useCase.hours.always');
  for (const [pattern, keyOf] of WORDS) {
    const match = pattern.exec(field);
    if (match !== null) return t(keyOf(value, match));
  }
  return value;
}
