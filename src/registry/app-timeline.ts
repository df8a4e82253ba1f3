import type { AuditEvent } from '../audit-event.ts';
import { type Actor, seesAll } from '../policy/permissions.ts';
import { listTimeline } from '../store/app-timeline.ts';
import type { Page, Paging } from '../store/paging.ts';
import { readableApp } from './app-records.ts';
import type { RegistryDeps } from './deps.ts';
import { eventPlaceAfter } from './input.ts';

/** What tells the story of an app: no sign-in, token or consent of a person. */
export const TIMELINE_TYPES = [
  ...(['app.registered', 'revision.saved', 'revision.submitted', 'revision.withdrawn'] as const),
  ...(['review.decided', 'app.approved', 'app.suspended', 'app.resumed', 'app.offboarded'] as const),
  ...(['owner.assigned', 'contract.assigned', 'change.recorded', 'change.cleared'] as const),
  ...(['app.attested', 'attestation.missed'] as const),
  ...(['transfer.proposed', 'transfer.accepted', 'transfer.declined', 'transfer.withdrawn'] as const),
  ...(['delegation.asked', 'delegation.accepted', 'delegation.ended'] as const),
  ...(['transfer.completed', 'key.added', 'key.ended', 'access.cut_off'] as const),
] as const satisfies readonly AuditEvent['type'][];

export interface TimelineEntry {
  readonly id: string;
  readonly at: Date;
  readonly type: (typeof TIMELINE_TYPES)[number];
  /** null: someone of the operator, or nobody in person. */
  readonly by: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The newest first. Who works for the operator is named to those who oversee only. */
export async function timelineOf(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  paging: Paging = {},
): Promise<Page<TimelineEntry>> {
  await readableApp(deps, actor, appId);
  const place = eventPlaceAfter(paging);
  const { rows, next } = await listTimeline(deps.store, { appId, types: TIMELINE_TYPES }, place, paging);
  const isNamed = (organizationId: string | null) =>
    seesAll(actor) || (organizationId !== null && organizationId === actor.organizationId);
  return {
    rows: rows.map(({ personId: _, personName, personOrganizationId, type, detail, ...row }) => ({
      ...row,
      detail: seesAll(actor) ? detail : withoutOsUser(detail),
      type: type as TimelineEntry['type'],
      by: isNamed(personOrganizationId) ? personName : null,
    })),
    next,
  };
}

/** Who holds the operator's machines is not for the people of a vendor. */
const withoutOsUser = ({ osUser: _, ...detail }: TimelineEntry['detail']) => detail;
