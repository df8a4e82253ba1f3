import type { Fault } from '../registry/refusal.ts';
import { faultText } from '../staff/fault-words.ts';
import type { Translate } from '../web/messages.ts';
import { pathOf } from './app-shell.ts';
import { controlOf, labelOf } from './controls.ts';

/** What stands between an app and its review: each with the place where it is mended. */
export function openFaults(appId: string, faults: readonly Fault[], t: Translate) {
  return faults.map((fault) => {
    const { field } = fault;
    const place = PLACES[field];
    const text = faultText(fault, t);
    if (place !== undefined) return { label: labelOf(field, t), text, href: place(appId) };
    const control = controlOf(field);
    const label = labelOf(control, t);
    return { label, text, href: `${pathOf(appId, 'edit')}?check=1#field-${control}` };
  });
}

/** What is not in the form; null: only the operator can mend it. */
const PLACES: Readonly<Record<string, (appId: string) => string | null>> = {
  ownerId: (appId) => pathOf(appId, 'people'),
  backupOwnerId: (appId) => pathOf(appId, 'people'),
  contractId: () => null,
  organizationId: () => null,
};
