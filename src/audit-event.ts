// The vocabulary of the audit: every event that Postern records, as one discriminated union.
import type { RecordChange } from './audit-change.ts';
import type { Diagnosis } from './audit-diagnosis.ts';
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
  /** Under which contract; of an app, the database tells it where it is left out. */
  readonly contractId?: string | null;
  /** Which FHIR resource, or which search of them without its values: `Observation/123`, `Observation?patient,category`. */
  readonly resource?: string;
  readonly purpose?: string;
}

export interface Event<Type extends string, Detail extends object = Record<never, never>> extends About {
  readonly type: Type;
  readonly reason?: Reason;
  readonly detail?: Detail;
}

export type AuditEvent =
  | Event<'invitation.issued', { personId?: string }>
  | Event<'invitation.opened'>
  | Event<'passkey.registered', RegisteredDetail>
  | Event<'recovery_codes.made', { count: number }>
  | Event<'recovery.started', { through: 'proofing' | 'help_desk' }>
  | Event<'recovery.proofed'>
  | Event<'recovery.refused', { why: RecoveryFault }>
  | Event<'recovery.completed'>
  | Event<'address.added' | 'address.confirmed' | 'address.removed', { addressId: string }>
  | Event<'identity.proofed', ProofingDetail>
  | Event<'identity.refused', { provider: string; for: string; code: string }>
  | Event<'patient.signed_in'>
  | Event<'patient.signed_out'>
  | Event<'patient.signed_out_everywhere'>
  | Event<'patient.verified'>
  | Event<'passkey.renamed' | 'passkey.removed', { removedPasskey?: string }>
  | Event<'person.signed_in', { providerId?: string }>
  /** From now on a subject of her organization's OpenID provider is she. */
  | Event<'person.identity_bound', { personId: string; issuer: string }>
  | Event<'person.verified'>
  /** Her announced day came: how much of what she could come in with ended. */
  | Event<'person.access_ended', { personId: string; at: string; ended: object }>
  /** At the provider of her organization: which, and why. */
  | Event<'person.sign_in_refused', { providerId?: string; code?: string }>
  | Event<'person.signed_out'>
  | Event<'launch.deposited', { ehrId: string }>
  | Event<'launch.refused', { ehrId: string }>
  | Event<'launch.used', { ehrId: string }>
  | Event<'authorization.refused', Refused>
  | Event<'consent.granted', { scope: string; audience: string; expiresAt: string }>
  | Event<'consent.denied'>
  | Event<'record.counted', { audience: string; kinds: readonly string[] }>
  | Event<'consent.withdrawn', { by: Withdrawer }>
  | Event<'consent.paused' | 'consent.resumed', { by: Withdrawer }>
  | Event<'consent.amended', { by: Withdrawer; scope: string; expiresAt: string }>
  | Event<'token.issued', IssuedDetail>
  | Event<'token.refused', Refused>
  | Event<'token.revoked'>
  | Event<'revocation.refused', Refused>
  | Event<'introspection.refused', Refused>
  | Event<'registration.refused', Refused>
  | Event<'decision.permitted' | 'decision.denied', DecisionDetail>
  | Event<'key.added', CredentialChange>
  | Event<'key.ended', CredentialChange>
  | Event<'server_secret.added', SecretChange>
  | Event<'server_secret.ended', SecretChange>
  | Event<
      'signal_stream.created' | 'signal_stream.changed',
      { streamId: string; method: string; events: readonly string[] }
    >
  | Event<'signal_stream.deleted', { streamId: string }>
  | Event<'signal_stream.status_changed', { streamId: string; status: string }>
  | Event<'signal_stream.paused', { streamId: string; reason: string }>
  | Event<'finding.opened', { findingId: string; kind: string; event?: string }>
  | Event<'history.exported', { format: string }>
  | Event<'audit.month_dropped', { month: string; seals: readonly number[] }>
  | RecordChange;

/** What was asked about one FHIR request, without the values of its search, and what it was told beside yes or no. */
export interface DecisionDetail {
  /** `access_token`, `client`, `user`. */
  readonly subject: string;
  /** The first 128 bits of the token's SHA-256. */
  readonly token?: string;
  readonly interaction?: string;
  readonly parameters?: readonly string[];
  /** The Patient that the resource server said it is about. */
  readonly patient?: string;
  readonly labels?: readonly string[];
  /** As the resource server told it: network, device, callerRole, transactionType, exchangeProfile, time ... */
  readonly context: object;
  readonly resources: number;
  /** What a resource without security labels counted as. */
  readonly unlabelled?: string;
  /** Under which access in an emergency. */
  readonly breakGlass?: string;
  /** The platform that acts for the app. */
  readonly act?: string;
  readonly obligations?: readonly object[];
  readonly stepUp?: object;
}

/** Why nobody came back with a recovery code; `lost`: another one was quicker with it; `stopped`: by what she did. */
export type RecoveryFault =
  | 'code_unknown'
  | 'code_used'
  | 'code_foreign'
  | 'too_many'
  | 'approval_unknown'
  | 'other_person'
  | 'stopped'
  | 'lost';

interface RegisteredDetail {
  readonly synced: boolean;
  readonly removedPasskeys?: number;
  readonly endedSessions?: number;
  /** The proofing that it was made under. */
  readonly proofingId?: string;
}

/** Who proved who she is where, for what and how surely: never what was shown. */
interface ProofingDetail {
  readonly proofingId: string;
  readonly provider: string;
  readonly for: string;
  readonly level: string;
  readonly evidenceClass: string;
  readonly expiresAt: string;
}

interface IssuedDetail {
  readonly kind: string;
  readonly scope: string;
  readonly audience: string;
  readonly expiresAt: string;
  readonly breakGlass?: string;
  /** The platform that it was got through. */
  readonly act?: string;
  /** The credential that the client proved itself with, and from which block of addresses. */
  readonly keyId?: string;
  readonly network?: string;
}

interface CredentialChange {
  readonly keyId: string;
  readonly kind: string;
  readonly kid: string | null;
  readonly thumbprint: string | null;
  readonly endsAt: string;
  readonly via: string;
  /** Of what was ended: when it would have ended, when it does, and why. */
  readonly before?: object;
  readonly after?: object;
  readonly reason?: string;
}

interface SecretChange {
  readonly secretId: string;
  readonly endsAt: string;
  readonly via: string;
  readonly before?: object;
  readonly after?: object;
  readonly reason?: string;
}

/**
 * What ended a grant: the patient, her representative, the app (RFC 7009), a sign-out, a code or refresh token that was
 * used twice, that nobody used it, or the age of the patient, for whom another had decided.
 */
export type Withdrawer =
  | 'patient'
  | 'representative'
  | 'app'
  | 'sign_out'
  | 'replay'
  | 'age_rules'
  | 'dormancy';

/** What the protocol answered, and what it must hide from those who only claim to be the app. */
interface Refused {
  readonly error?: string;
  readonly diagnosis?: Diagnosis;
  /** From which block of addresses a client that must prove itself asked. */
  readonly network?: string;
}
