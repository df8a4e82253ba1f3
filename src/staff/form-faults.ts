import type { Fault } from '../registry/refusal.ts';
import type { Translate } from '../web/messages.ts';
import { faultText } from './fault-words.ts';

/** What is wrong with a form that was sent: for `include('staff-faults', { t, faults })` and `staff-field`. */
export interface FormFaults {
  readonly all: readonly { readonly id: string; readonly text: string }[];
  /** The texts of a field; those of a list's elements (`redirectUris.0`) are the list's. */
  of(field: string): readonly string[];
}

/** The field of a list, for a fault of one of its elements. */
export const withoutIndices = (field: string): string => field.replace(/(\.\d+)+(?=\.|$)/g, '');

/**
 * `controlOf` names the control of a fault's field where it is another one; a control's id is `field-<name>`. Of several
 * controls the same may be wrong: `labelOf` says in the summary which one is meant, where there are several.
 */
export function formFaults(
  faults: readonly Fault[],
  t: Translate,
  controlOf: (field: string) => string = withoutIndices,
  labelOf: (field: string) => string | undefined = () => undefined,
): FormFaults {
  const read = faults.map((fault) => ({
    control: controlOf(fault.field),
    label: labelOf(fault.field),
    text: faultText(fault, t),
  }));
  return {
    all: read.map(({ control, label, text }) => ({
      id: `field-${control}`,
      text: label === undefined ? text : `${label}: ${text}`,
    })),
    of: (field) => read.filter(({ control }) => control === field).map(({ text }) => text),
  };
}
