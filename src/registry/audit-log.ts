import type { AuditEvent } from '../audit-event.ts';
import { type Actor, seesAll } from '../policy/permissions.ts';
import { findAppRow } from '../store/app-records.ts';
import { type LoggedEvent, type LogSubject, listEventRows } from '../store/audit-log.ts';
import { findOrganizationRow } from '../store/organizations.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertKnown } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { eventPlaceAfter } from './input.ts';
import { RegistryRefusal } from './refusal.ts';

export type { LoggedEvent } from '../store/audit-log.ts';

/** What happened to records, and what was refused; nothing that tells of a patient. */
export const LOGGED_TYPES = [
  ...(['organization.created', 'organization.changed', 'organization.admitted'] as const),
  ...(['organization.suspended', 'organization.resumed', 'organization.offboarded'] as const),
  ...(['organization.merging', 'organization.merged', 'webhook.set', 'webhook.removed'] as const),
  ...(['domain.claimed', 'domain.verified', 'person.invited', 'person.invited_again'] as const),
  ...(['person.changed', 'person.left', 'person.access_ended'] as const),
  ...(['role.granted', 'role.ended'] as const),
  ...(['person.signed_in', 'person.verified', 'person.sign_in_refused', 'person.signed_out'] as const),
  ...(['contract.created', 'contract.changed', 'contract.renewed', 'contract.approved'] as const),
  ...(['app.registered', 'revision.saved'] as const),
  ...(['revision.submitted', 'revision.withdrawn', 'review.decided', 'app.approved'] as const),
  ...(['app.suspended', 'app.resumed', 'app.offboarded', 'owner.assigned', 'contract.assigned'] as const),
  ...(['change.recorded', 'change.cleared', 'transfer.proposed', 'transfer.accepted'] as const),
  ...(['transfer.declined', 'transfer.withdrawn', 'transfer.completed'] as const),
  ...(['delegation.asked', 'delegation.accepted', 'delegation.ended'] as const),
  ...(['key.added', 'key.ended', 'server_secret.added', 'server_secret.ended'] as const),
  ...(['api_token.created', 'api_token.ended', 'scim_token.created', 'scim_token.ended'] as const),
  ...(['staff_provider.set', 'staff_provider.ended', 'person.identity_bound'] as const),
  ...(['initial_access_token.created', 'initial_access_token.ended'] as const),
  ...(['resource_server.created', 'resource_server.changed', 'resource_server.suspended'] as const),
  ...(['resource_server.resumed', 'resource_server.offboarded', 'fhir_base.added'] as const),
  ...(['ehr.created', 'ehr.changed', 'ehr.suspended', 'ehr.resumed', 'access.cut_off'] as const),
  ...(['app.attested', 'attestation.missed', 'campaign.asked_again'] as const),
  ...(['authorization.refused', 'token.refused', 'revocation.refused'] as const),
  ...(['introspection.refused', 'registration.refused', 'finding.opened', 'finding.closed'] as const),
  ...(['break_glass.requested', 'break_glass.opened', 'break_glass.denied'] as const),
  ...(['break_glass.ended', 'break_glass.reviewed', 'break_glass.refused'] as const),
  ...(['finding.answered', 'app.restricted', 'app.restriction_lifted'] as const),
] as const satisfies readonly AuditEvent['type'][];

/** The newest first; for those who oversee. */
export async function listEvents(
  { store }: RegistryDeps,
  actor: Actor,
  subject: LogSubject,
  paging: Paging = {},
): Promise<Page<LoggedEvent>> {
  if (!seesAll(actor)) throw new RegistryRefusal('not_allowed');
  assertKnown(
    'appId' in subject
      ? await findAppRow(store.prisma, subject.appId)
      : await findOrganizationRow(store.prisma, subject.organizationId),
  );
  return listEventRows(store, subject, LOGGED_TYPES, eventPlaceAfter(paging), paging);
}
