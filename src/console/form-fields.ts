import type { Translate } from '../web/messages.ts';

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly checked?: boolean;
}

/** One control, for views/staff-field.eta; `boxes` for views/developer-boxes.eta. */
export interface Field {
  readonly name: string;
  readonly kind: 'text' | 'search' | 'email' | 'url' | 'number' | 'date' | 'textarea' | 'select' | 'boxes';
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
  readonly literal?: boolean;
  readonly rows?: number;
  readonly options?: readonly Option[];
  readonly autocomplete?: string;
  readonly value?: string;
}

type Extra = Partial<Omit<Field, 'name' | 'kind' | 'label' | 'hint'>> & { readonly hint?: boolean };

/** Their words are `console.label.<name>` and `console.hint.<name>`. */
export const fieldsIn =
  (t: Translate) =>
  (kind: Field['kind'], name: string, { hint = false, ...extra }: Extra = {}): Field => ({
    ...{ name, kind, label: t(`console.label.${name}`) },
    ...(hint ? { hint: t(`console.hint.${name}`) } : {}),
    ...extra,
  });

/** The controls with what stands in them. */
export const filled = (fields: readonly Field[], values: URLSearchParams): Field[] =>
  fields.map(({ options, ...field }) => ({
    ...field,
    value: values.get(field.name) ?? '',
    ...(options === undefined
      ? {}
      : { options: options.map((option) => ticked(option, field.name, values)) }),
  }));

const ticked = (option: Option, name: string, values: URLSearchParams): Option => ({
  ...option,
  checked: values.getAll(name).includes(option.value),
});

/** What was typed; absent where nothing was. */
export const textIn = (values: URLSearchParams, name: string): string | undefined =>
  values.get(name)?.trim() || undefined;

/** Of these fields what was typed: what was left empty is absent. */
export const textsIn = (values: URLSearchParams, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const text = textIn(values, name);
      return text === undefined ? [] : [[name, text]];
    }),
  );
