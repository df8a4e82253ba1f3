import { type Field, fieldsIn, type Option } from '../staff/fields.ts';
import type { FormFaults } from '../staff/form-faults.ts';
import type { Translate } from '../web/messages.ts';

/** Controls that stand for several fields of a revision. */
const OURS = ['kind', 'refresh'];

/** Makes controls of a revision: their words are those of its fields, and `developer.hint.<name>`. */
export const revisionField = (t: Translate) =>
  fieldsIn(t, {
    label: (name) => `${OURS.includes(name) ? 'developer' : 'revision'}.field.${name}`,
    hint: (name) => `developer.hint.${name}`,
  });

/** What a field may say; `open`: or nothing yet. */
export const revisionOptions = (
  t: Translate,
  name: string,
  values: readonly string[],
  { open }: { readonly open: boolean },
): Option[] => [
  ...(open ? [{ value: '', label: t('developer.option.open') }] : []),
  ...values.map((value) => ({
    value,
    label: t(`${OURS.includes(name) ? 'developer.option' : 'revision.value'}.${name}.${value}`),
  })),
];

export interface FormSection {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly fields: readonly Field[];
  /** Seldom needed: folded until something in it is wrong or filled in. */
  readonly folded: boolean;
}

export const isFolded = (fields: readonly Field[], faults: FormFaults): boolean =>
  fields.every(({ name, value }) => value === '' && faults.of(name).length === 0);
