import type { Fault } from '../registry/refusal.ts';
import type { Translate } from '../web/messages.ts';

/** What is wrong with a form that was sent: for `include('staff-faults', { t, faults })` and `staff-field`. */
export interface FormFaults {
  readonly all: readonly { readonly id: string; readonly text: string }[];
  /** The texts of a field; those of a list's elements (`redirectUris.0`) are the list's. */
  of(field: string): readonly string[];
}

/** The field of a list, for a fault of one of its elements. */
export const withoutIndices = (field: string): string => field.replace(/(\.\d+)+(?=\.|$)/g, '');

/** `controlOf` names the control of a fault's field where it is another one; a control's id is `field-<name>`. */
export function formFaults(
  faults: readonly Fault[],
  t: Translate,
  controlOf: (field: string) => string = withoutIndices,
): FormFaults {
  const read = faults.map(({ field, code, value = '' }) => ({
    control: controlOf(field),
    text: t(`fault.${code}`, { value }),
  }));
  return {
    all: read.map(({ control, text }) => ({ id: `field-${control}`, text })),
    of: (field) => read.filter(({ control }) => control === field).map(({ text }) => text),
  };
}
