import type { FormFaults } from '../staff/form-faults.ts';
import type { Translate } from '../web/messages.ts';
import type { Draft } from './revision-draft.ts';

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** One control of a form, for views/developer-fields.eta. */
export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'url' | 'number' | 'date' | 'textarea' | 'select' | 'boxes' | 'scopes' | 'heading';
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
  /** Text of a machine: shown as it is. */
  readonly literal?: boolean;
  readonly rows?: number;
  /** Another one has room beside it. */
  readonly short?: boolean;
  readonly value?: string;
  readonly options?: readonly (Option & { readonly checked?: boolean })[];
  /** Boxes that are asked for seldom. */
  readonly more?: readonly (Option & { readonly checked?: boolean })[];
}

type Extra = Partial<Omit<Field, 'name' | 'kind' | 'label' | 'hint'>> & { readonly hint?: boolean };

/** Makes controls from a draft: their words are those of a revision, and `developer.hint.<name>`. */
export function fieldsOf(draft: Draft, t: Translate) {
  const field = (kind: Field['kind'], name: string, { hint = false, ...extra }: Extra = {}): Field => ({
    name,
    kind,
    label: t(OURS.includes(name) ? `developer.field.${name}` : `revision.field.${name}`),
    ...(hint ? { hint: t(`developer.hint.${name}`) } : {}),
    value: draft.get(name) ?? '',
    ...extra,
  });
  const options = (name: string, values: readonly string[], open = false): Option[] => [
    ...(open ? [{ value: '', label: t('developer.option.open') }] : []),
    ...values.map((value) => ({
      value,
      label: t(`${OURS.includes(name) ? 'developer.option' : 'revision.value'}.${name}.${value}`),
    })),
  ];
  const ticked = (name: string, all: readonly Option[]) =>
    all.map((option) => ({ ...option, checked: draft.getAll(name).includes(option.value) }));
  return { field, options, ticked };
}

/** Controls that stand for several fields of a revision. */
const OURS = ['kind', 'refresh'];

export interface FormSection {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly fields: readonly Field[];
  /** Seldom needed: folded until something in it is wrong or filled in. */
  readonly folded: boolean;
}

export const isFolded = (fields: readonly Field[], draft: Draft, faults: FormFaults): boolean =>
  fields.every(({ name }) => (draft.get(name) ?? '') === '' && faults.of(name).length === 0);
