// The vocabulary of the audit: every event that Postern records, as one discriminated union.
import type { Reason } from './errors.ts';

interface About {
  readonly appId?: string;
  readonly organizationId?: string;
  /** Who acted, where it was a person: a patient, a representative, an EHR user, someone who works for an organization. */
  readonly accountId?: string | null;
  /** Whose record it is about. */
  readonly patientId?: string | null;
  readonly grantId?: string;
  readonly resourceServerId?: string;
  readonly purpose?: string;
}

interface Event<Type extends string, Detail extends object = Record<never, never>> extends About {
  readonly type: Type;
  readonly reason?: Reason;
  readonly detail?: Detail;
}

export type AuditEvent =
  | Event<'invitation.issued'>
  | Event<'invitation.opened'>
  | Event<'passkey.registered', { synced: boolean }>
  | Event<'patient.signed_in'>
  | Event<'patient.signed_out'>
  | Event<'launch.deposited', { ehrId: string }>
  | Event<'launch.refused', { ehrId: string }>
  | Event<'launch.used', { ehrId: string }>
  | Event<'authorization.refused', { error?: string }>
  | Event<'consent.granted', { scope: string; audience: string; expiresAt: string }>
  | Event<'consent.denied'>
  | Event<'consent.withdrawn', { by: Withdrawer }>
  | Event<'token.issued', { kind: string; scope: string; audience: string; expiresAt: string }>
  | Event<'token.refused', { error?: string }>
  | Event<'token.revoked'>
  | Event<'introspection.refused'>
  | Event<'app.registered', { environment: string; through: string }>
  | Event<'revision.saved', { number: number; revisionId: string }>
  | Event<'revision.submitted', { number: number; revisionId: string; reviewId: string; approvalsNeeded: number }>
  | Event<'revision.withdrawn', { number: number; revisionId: string; reviewId: string }>;

/**
 * What ended a grant: the patient, her representative, the app (RFC 7009), a sign-out, or a code or refresh token that
 * was used twice.
 */
export type Withdrawer = 'patient' | 'representative' | 'app' | 'sign_out' | 'replay';
