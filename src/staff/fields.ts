import type { Translate } from '../web/messages.ts';

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly checked?: boolean;
}

type Typed = 'text' | 'search' | 'email' | 'url' | 'number' | 'date';

/** One control of a form: for views/staff-field.eta, `boxes` for views/staff-boxes.eta. */
export interface Field {
  readonly name: string;
  readonly kind: Typed | 'textarea' | 'select' | 'boxes' | 'scopes';
  readonly label: string;
  readonly hint?: string;
  readonly optional?: boolean;
  /** Text of a machine: shown as it is. */
  readonly literal?: boolean;
  readonly rows?: number;
  /** Another one has room beside it. */
  readonly short?: boolean;
  readonly options?: readonly Option[];
  /** Boxes that are asked for seldom. */
  readonly more?: readonly Option[];
  readonly autocomplete?: string;
  readonly value?: string;
}

type Extra = Partial<Omit<Field, 'name' | 'kind' | 'label' | 'hint'>> & { readonly hint?: boolean };

/** Where the words of a control stand. */
interface Keys {
  label(name: string): string;
  hint(name: string): string;
}

/** Makes controls, as yet with nothing in them. */
export const fieldsIn =
  (t: Translate, keys: Keys) =>
  (kind: Field['kind'], name: string, { hint = false, ...extra }: Extra = {}): Field => ({
    ...{ name, kind, label: t(keys.label(name)) },
    ...(hint ? { hint: t(keys.hint(name)) } : {}),
    ...extra,
  });

/** The controls with what stands in them. */
export const filled = (fields: readonly Field[], values: URLSearchParams): Field[] =>
  fields.map(({ options, more, ...field }) => {
    const chosen = values.getAll(field.name);
    return {
      ...{ ...field, value: chosen[0] ?? '' },
      ...(options === undefined ? {} : { options: ticked(options, chosen) }),
      ...(more === undefined ? {} : { more: ticked(more, chosen) }),
    };
  });

const ticked = (options: readonly Option[], chosen: readonly string[]): Option[] =>
  options.map((option) => ({ ...option, checked: chosen.includes(option.value) }));

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
