import type { AuditEvent } from '../audit-event.ts';
import type { Db } from './database.ts';

/** Appends inside the transaction of the change that it records. */
export function appendAuditEvent(db: Db, event: AuditEvent, requestId?: string) {
  const {
    type,
    appId,
    organizationId,
    accountId,
    patientId,
    grantId,
    resourceServerId,
    contractId,
    resource,
    purpose,
    reason,
    detail,
  } = event;
  return db.auditEvent.create({
    data: {
      type,
      appId,
      organizationId,
      accountId,
      patientId,
      grantId,
      resourceServerId,
      contractId,
      resource,
      purpose,
      reason,
      requestId,
      detail: { ...detail },
    },
    select: { id: true },
  });
}
