// What a patient does herself about those who may act for her.
import { type AgeRules, isOfAge } from '../policy/birthdays.ts';
import { mayEndOwn } from '../policy/representation.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { endRepresentationRows, holdRepresentation } from '../store/representation-records.ts';
import { requestId } from '../web/request-context.ts';
import { turned } from './command.ts';
import { tellBoth } from './representations.ts';

export type OwnEnding = 'ended' | 'unknown' | 'not_hers_to_end' | 'over';

/** Of age, she ends what no court ordered; it is true at once. */
export async function endOwnRepresentation(
  store: Store,
  ageRules: AgeRules,
  patientId: string,
  representationId: string,
): Promise<OwnEnding> {
  return store.prisma.$transaction(async (tx) => {
    const held = await holdRepresentation(tx, representationId);
    if (held === null || held.patientId !== patientId) return 'unknown';
    const { basis, birthDate, representativeId } = held;
    if (!mayEndOwn(basis, isOfAge(birthDate, ageRules, new Date()))) return 'not_hers_to_end';
    const { ids, endedAt } = await endRepresentationRows(tx, store, held.id, 'patient');
    if (ids.length === 0) return 'over';
    const ended = turned('endedAt', null, endedAt);
    const detail = { representationIds: ids, representativeId, ...ended, via: 'patient' };
    const event = { type: 'representation.ended', accountId: patientId, patientId, detail } as const;
    await appendAuditEvent(tx, event, requestId());
    await tellBoth(tx, 'patient.representation_ended', held);
    return 'ended';
  });
}
