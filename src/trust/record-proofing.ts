// What a proofing leaves: the subject bound to its patient, the record, and the passkey of a session that goes on.
import { randomUUID } from 'node:crypto';
import type { IdentityLevel } from '../policy/identity-assurance.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { sha256Hex } from '../store/hash.ts';
import { addProofing, bindSubject } from '../store/identity-proofings.ts';
import { bindPasskey } from '../store/passkey-proofings.ts';
import { recordProved, type SentAttempt } from '../store/proofing-attempts.ts';
import { requestId } from '../web/request-context.ts';
import type { Identity } from './identity.ts';
import type { ProviderSettings } from './provider-settings.ts';

export interface Proved {
  readonly attempt: SentAttempt;
  readonly provider: ProviderSettings;
  readonly identity: Identity;
  readonly level: IdentityLevel;
  readonly patientId: string;
  /** The passkey of the session in which she proved it, to reach a higher level. */
  readonly passkeyId: string | undefined;
}

const DAY_MS = 86_400_000;

/** Answers with the patient to whom the subject is bound, if that is another one: then nothing was recorded. */
export async function recordProofing(store: Store, proved: Proved): Promise<string | undefined> {
  const { attempt, provider, identity, level, patientId, passkeyId } = proved;
  const { issuer, subject, acr, authenticatedAt } = identity;
  const subjectHash = sha256Hex(`${issuer} ${subject}`);
  const { evidenceClass } = provider;
  const proofedAt = new Date();
  const expiresAt = new Date(proofedAt.getTime() + provider.validDays * DAY_MS);
  return store.prisma.$transaction(async (tx) => {
    const boundTo = await bindSubject(tx, { issuer, subjectHash, patientId });
    if (boundTo !== patientId) return boundTo;
    const id = randomUUID();
    const { reason } = attempt;
    await addProofing(tx, {
      ...{ id, patientId, issuer, subjectHash, reason, level, evidenceClass, proofedAt, expiresAt },
      ...{ acr: acr?.slice(0, 300) ?? null, authenticatedAt: authenticatedAt ?? null },
    });
    await recordProved(tx, attempt.id, id);
    if (passkeyId !== undefined) await bindPasskey(tx, { passkeyId, proofingId: id }, 'step_up');
    const detail = {
      ...{ proofingId: id, provider: provider.id, for: reason, level, evidenceClass },
      expiresAt: expiresAt.toISOString(),
    };
    const event = { type: 'identity.proofed', accountId: patientId, patientId, detail } as const;
    await appendAuditEvent(tx, event, requestId());
    await tellPatient(tx, { type: 'patient.identity_proofed', patientId, values: {} });
    return undefined;
  });
}
