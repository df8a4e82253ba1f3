import { withoutIndices } from '../staff/form-faults.ts';
import type { Translate } from '../web/messages.ts';

/** What a control is called. */
export const labelOf = (control: string, t: Translate): string =>
  t(LABELS[control] ?? `revision.field.${control}`);

const LABELS: Readonly<Record<string, string>> = {
  kind: 'developer.field.kind',
  environment: 'developer-apps.environment',
  'subprocessors.organizationId': 'revision.field.subprocessors',
  ...Object.fromEntries(
    ['organizationId', 'ownerId', 'backupOwnerId', 'contractId'].map((field) => [
      field,
      `developer.place.${field}`,
    ]),
  ),
};

/** Where a fault is corrected, when its field has another control. */
export function controlOf(field: string): string {
  const name = withoutIndices(field.replace(/^revision\./, ''));
  if (name.startsWith('subprocessors')) return 'subprocessors.organizationId';
  return OTHER_CONTROLS[name] ?? name;
}

const OTHER_CONTROLS: Readonly<Record<string, string>> = {
  grantTypes: 'kind',
  profile: 'kind',
  'useCase.volume': 'useCase.volume.requestsPerHour',
  'useCase.legalReview': 'useCase.legalReview.by',
  'useCase.minimization': 'useCase.minimization.necessity',
  ...Object.fromEntries(
    ['funding', 'sharing', 'deletion', 'retention', 'ai'].map((question) => [
      `dataUse.${question}`,
      `dataUse.${question}.answer`,
    ]),
  ),
};
