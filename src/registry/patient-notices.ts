// What a patient is told: on My apps always, and by mail to each address that she confirmed.
import type { Transaction } from '../store/database.ts';
import { enqueue } from '../store/outbox.ts';
import { findContact, recordNotice } from '../store/patient-contacts.ts';

/**
 * What the text of a notice needs. Free of PHI and secrets, since mail is read by others: the names of apps, days
 * (`2027-01-31`) and ids of receipts, and never what is shared or whose record it is. The texts are
 * `mail.<type>.subject` and `.text` of views/messages.
 */
interface PatientNoticeValues {
  'patient.app_connected': { app: string; endsOn: string; receipt: string };
  'patient.app_changed': { app: string; endsOn: string; receipt: string };
  'patient.app_paused': { app: string };
  'patient.app_resumed': { app: string };
  'patient.app_stopped': { app: string; receipt: string };
  'patient.sharing_ends_soon': { app: string; endsOn: string };
  'patient.sharing_expired': { app: string; endsOn: string; receipt: string };
  'patient.sharing_unused': { app: string; receipt: string };
  'patient.passkey_added': Record<never, never>;
  'patient.passkey_removed': Record<never, never>;
  'patient.signed_out_everywhere': Record<never, never>;
  'patient.recovery_codes_made': Record<never, never>;
  'patient.recovery_started': Record<never, never>;
  'patient.recovery_started_with_help': Record<never, never>;
  'patient.recovery_refused': Record<never, never>;
  'patient.recovery_used': Record<never, never>;
  'patient.reset': Record<never, never>;
  'patient.address_added': Record<never, never>;
  'patient.address_removed': Record<never, never>;
  'patient.identity_proofed': Record<never, never>;
  'patient.representation_started': Record<never, never>;
  'patient.representation_ended': Record<never, never>;
  'patient.emergency_access': Record<never, never>;
  'patient.support_access': Record<never, never>;
}

export type PatientNoticeType = keyof PatientNoticeValues;

/** What she may switch off by kind; what concerns her safety she may not. */
export const noticeKinds = ['safety', 'apps', 'reminders'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const kindOfNotice = {
  'patient.app_connected': 'apps',
  'patient.app_changed': 'apps',
  'patient.app_paused': 'apps',
  'patient.app_resumed': 'apps',
  'patient.app_stopped': 'apps',
  'patient.sharing_ends_soon': 'reminders',
  'patient.sharing_expired': 'reminders',
  'patient.sharing_unused': 'apps',
  'patient.passkey_added': 'safety',
  'patient.passkey_removed': 'safety',
  'patient.signed_out_everywhere': 'safety',
  'patient.recovery_codes_made': 'safety',
  'patient.recovery_started': 'safety',
  'patient.recovery_started_with_help': 'safety',
  'patient.recovery_refused': 'safety',
  'patient.recovery_used': 'safety',
  'patient.reset': 'safety',
  'patient.address_added': 'safety',
  'patient.address_removed': 'safety',
  'patient.identity_proofed': 'safety',
  'patient.representation_started': 'safety',
  'patient.representation_ended': 'safety',
  'patient.emergency_access': 'safety',
  'patient.support_access': 'safety',
} as const satisfies Record<PatientNoticeType, NoticeKind>;

interface PatientNoticeOf<Type extends PatientNoticeType> {
  readonly type: Type;
  readonly patientId: string;
  readonly values: Readonly<PatientNoticeValues[Type] & Record<string, string>>;
}

export type PatientNotice = { [Type in PatientNoticeType]: PatientNoticeOf<Type> }[PatientNoticeType];

/** In the transaction of what it tells. `also`: an address that is hers no more, or not yet. */
export async function tellPatient(
  tx: Transaction,
  { type, patientId, values }: PatientNotice,
  also: readonly string[] = [],
): Promise<void> {
  const contact = await findContact(tx, patientId);
  if (contact === undefined) return;
  const { locale, muted, addresses } = contact;
  await recordNotice(tx, { patientId, type, values });
  if (muted.includes(kindOfNotice[type])) return;
  const content = { type, patientId, values, ...(locale === null ? {} : { locale }) };
  const told = new Set([...addresses, ...also]);
  await enqueue(
    tx,
    [...told].map((destination) => ({ channel: 'mail', destination, content })),
  );
}
