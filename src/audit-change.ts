// The part of the audit's vocabulary that tells of records of the registry: who changed what, through what.
import type { Event } from './audit-event.ts';

/** Someone changed a record of the registry: through what (`portal`, `console`, `api`, `registration`, `cli`, `demo`). */
type Act<Type extends string, Detail extends object = Record<never, never>> = Event<
  Type,
  Detail & { readonly via: string }
>;

/** A change of something that was there: what it was, and what it is. What is new has no before: its detail says what it is. */
type Turn<Type extends string, Detail extends object = Record<never, never>> = Act<
  Type,
  Detail & { readonly before: object | null; readonly after: object | null }
>;

interface Because {
  readonly reason: string;
}

interface Submission {
  readonly reviewId: string;
  readonly revisionId: string;
  readonly number: number;
}

interface ContractTerms {
  readonly contractId: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

interface Transfer {
  readonly transferId: string;
  readonly toOrganizationId: string;
}

interface RestrictionDetail {
  readonly restrictionId: string;
  readonly kind: string;
  readonly scopes: readonly string[];
  readonly keyId?: string;
  readonly findingId?: string;
}

interface PolicyTerms {
  readonly action: string;
  readonly afterDays: number | null;
  readonly threshold: number | null;
}

interface StaffProviderDetail {
  readonly providerId: string;
  readonly before: object | null;
  readonly after: object;
}

/** Which access in an emergency or for support: the watermark of all that was done under it. */
interface Glass {
  readonly breakGlass: string;
  readonly kind: string;
}

export type RecordChange =
  | Act<'break_glass.requested', Glass & Because & { ticket: string; who: string; minutes: number }>
  | Act<'break_glass.refused', Because & { kind: string }>
  | Turn<'break_glass.opened', Glass & { who: string; endsAt: string; approved: boolean; reason?: string }>
  | Turn<'break_glass.denied', Glass & Because>
  | Turn<'break_glass.ended', Glass & Because>
  | Turn<'break_glass.reviewed', Glass & { outcome: string; note: string }>
  | Act<'patient.looked_at', Glass>
  | Act<'organization.created', { kind: string; country: string }>
  | Turn<'organization.changed', { fields: readonly string[] }>
  | Turn<'organization.admitted', Because>
  | Turn<'organization.suspended' | 'organization.resumed' | 'organization.offboarded', Because>
  | Turn<'organization.merging' | 'organization.merged', { intoId: string }>
  | Turn<'webhook.set' | 'webhook.removed'>
  | Act<'domain.claimed', { domain: string }>
  | Turn<'domain.verified', { domain: string }>
  | Act<'person.invited', { personId: string; roles: readonly string[] }>
  | Act<'person.invited_again', { personId: string }>
  | Turn<'person.changed', { personId: string; fields: readonly string[] }>
  | Turn<
      'person.left',
      {
        personId: string;
        at: string;
        reason: string;
        /** That nobody answers for then. */
        apps: readonly string[];
        /** How much of what she could come in with. */
        ended?: object;
      }
    >
  | Act<'staff_provider.set', StaffProviderDetail>
  | Turn<'staff_provider.ended', { providerId: string; issuer: string; reason: string }>
  | Act<'scim_token.created', { tokenId: string; name: string }>
  | Turn<'scim_token.ended', Because & { tokenId: string; name: string }>
  | Act<
      'representation.created',
      {
        representationId: string;
        representativeId: string;
        relationship: string;
        basis: string;
        scope: string | null;
        startsAt: string;
        endsAt: string | null;
        evidence: string;
        /** The record that it narrows or extends. */
        replaces: string | null;
      }
    >
  | Turn<'representation.ended', { representationIds: readonly string[]; representativeId: string }>
  | Act<'patient.added', { fhirBases: readonly string[] }>
  | Act<'patient.invited'>
  | Turn<'patient.birth_date_recorded', { endedGrants: number }>
  | Act<'patient.demographics_recorded', { fields: readonly string[] }>
  | Act<'recovery.approved', { evidence: string }>
  | Turn<'patient.reset', { evidence: string; removedPasskeys: number; endedSessions: number }>
  | Act<'address.set', { addressId: string }>
  | Turn<'role.granted' | 'role.ended', Because & { personId: string; role: string; ended?: object }>
  | Act<'contract.created', ContractTerms>
  | Turn<'contract.changed', ContractTerms>
  | Act<'contract.renewed', ContractTerms & { renewsId: string; approvalNeeded: readonly string[] }>
  | Turn<'contract.approved', Because & { contractId: string; approvalNeeded: readonly string[] }>
  | Act<'app.registered', { environment: string }>
  | Act<'revision.saved', { revisionId: string; number: number }>
  | Act<'revision.submitted', Submission & { approvalsNeeded: number }>
  | Turn<'revision.withdrawn', Submission>
  | Act<'review.decided', { reviewId: string; revisionId: string; decision: string; reason: string }>
  | Turn<'app.approved', { reviewId: string; revisionId: string; number: number; attestationDueAt: string }>
  | Turn<'app.suspended' | 'app.resumed' | 'app.offboarded', Because>
  | Turn<'owner.assigned', { ownerId: string | null; backupOwnerId: string | null }>
  | Turn<'contract.assigned', { contractId: string }>
  | Act<'change.recorded', { changeId: string; kind: string; scopes: readonly string[] }>
  | Turn<'change.cleared', { changeId: string; reviewId: string }>
  | Act<'transfer.proposed', Transfer & { newOwnerId: string }>
  | Turn<'transfer.accepted' | 'transfer.declined' | 'transfer.withdrawn' | 'transfer.completed', Transfer>
  | Turn<
      'delegation.asked' | 'delegation.accepted' | 'delegation.ended',
      { delegationId: string; platformId: string; reason?: string }
    >
  | Act<'api_token.created', { tokenId: string }>
  | Turn<'api_token.ended', { tokenId: string }>
  | Act<
      'initial_access_token.created',
      { tokenId: string; ownerId: string; environment: string; uses: number }
    >
  | Turn<'initial_access_token.ended', Because & { tokenId: string }>
  | Act<'resource_server.created', { fields: readonly string[]; after: object }>
  | Turn<'resource_server.changed', { fields: readonly string[] }>
  | Turn<'resource_server.suspended' | 'resource_server.resumed' | 'resource_server.offboarded', Because>
  | Act<'fhir_base.added', { url: string; environment: string }>
  | Act<'ehr.created', { ehrId: string; fields: readonly string[]; after: object }>
  | Turn<'ehr.changed', { ehrId: string; fields: readonly string[] }>
  | Turn<'ehr.suspended' | 'ehr.resumed', Because & { ehrId: string }>
  | Act<'access.cut_off', Because & { kind: string; subjectId: string; endsGrants: boolean }>
  | Act<'campaign.opened', Because & { campaignId: string; apps: number; dueAt: string; onSilence: string }>
  | Turn<'campaign.closed', Because & { campaignId: string; unanswered: number }>
  | Act<'campaign.reminded', { campaignId: string; apps: number }>
  | Act<'campaign.asked_again', { campaignId: string; number: number; hash: string }>
  | Act<'campaign.exported', { campaignId: string; format: string }>
  | Act<
      'app.attested',
      {
        attestationId: string;
        campaignId: string;
        /** Of what was frozen, and confirmed. */
        snapshotHash: string;
        decision: string;
        givenUpScopes: readonly string[];
        note: string | null;
      }
    >
  | Act<'attestation.missed', { campaignId: string; dueAt: string; silence: string }>
  | Turn<'finding.closed', Because & { findingId: string }>
  | Act<'finding.answered', { findingId: string; answerId: string }>
  | Act<'app.restricted', Because & RestrictionDetail>
  | Turn<'app.restriction_lifted', Because & { restrictionId: string; kind: string }>
  | Turn<'policy.set', Because & { rule: string } & PolicyTerms>
  | Act<'inventory.exported', { format: string; filter: Readonly<Record<string, string>> }>
  | Act<'audit.exported' | 'disclosure.exported', { format: string; from: string | null; to: string | null }>;
