import type { Reason } from '../errors.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import type { IntrospectedToken } from '../store/introspections.ts';
import { requestId } from '../web/request-context.ts';

/** Why a token of a known app was not answered for: by whom it was shown, where it was a resource server. */
export async function recordRefusal(
  store: Store,
  { clientId: appId, patientId, purpose }: IntrospectedToken,
  reason: Reason,
  resourceServerId?: string,
): Promise<void> {
  const about = { appId, patientId, purpose, reason, ...(resourceServerId && { resourceServerId }) };
  const event = { type: 'introspection.refused', ...about, detail: { diagnosis: { code: reason } } } as const;
  await appendAuditEvent(store.prisma, event, requestId());
}
