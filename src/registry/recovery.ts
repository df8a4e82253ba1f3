// Recovery codes, and the operator's part in a recovery: who she is was checked again on evidence as at enrolment.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { approvalCode, CODE_BYTES, readApprovalCode } from '../policy/recovery-codes.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { endSessionsWithin } from '../store/ended-sessions.ts';
import { issueInvitationWithin } from '../store/invitations.ts';
import { holdPatient, removeAllPasskeys } from '../store/own-passkeys.ts';
import { findPatient } from '../store/patients.ts';
import { beginWatch, refuseOpenRecoveries } from '../store/recoveries.ts';
import { addApproval } from '../store/recovery-approvals.ts';
import { newRecoveryCodes, replaceRecoveryCodes, supersedeRecoveryCodes } from '../store/recovery-codes.ts';
import { requestId } from '../web/request-context.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { identifier, line, readInput } from './input.ts';
import { tellPatient } from './patient-notices.ts';

/** Shown once; those before them end. */
export async function makeRecoveryCodes(store: Store, patientId: string): Promise<readonly string[]> {
  const codes = await newRecoveryCodes();
  await store.prisma.$transaction(async (tx) => {
    await replaceRecoveryCodes(tx, patientId, codes, requestId());
    const about = { accountId: patientId, patientId, detail: { count: codes.length } };
    await appendAuditEvent(tx, { type: 'recovery_codes.made', ...about }, requestId());
    await tellPatient(tx, { type: 'patient.recovery_codes_made', patientId, values: {} });
  });
  return codes.map(({ code }) => code);
}

const EVIDENCE_MAX = 200;
/** Of whom, and what was looked at to know who she is. */
export const checked = z.strictObject({ patientId: identifier, evidence: line(EVIDENCE_MAX) });

/** The code of the help desk, shown once: good for a day, beside a recovery code of hers. */
export async function approveRecovery(
  { store }: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly code: string }> {
  const { patientId, evidence } = readInput(checked, input);
  assertMay(actor, 'patient.recover');
  assertKnown(await findPatient(store, patientId));
  const code = approvalCode(randomBytes(CODE_BYTES));
  const symbols = readApprovalCode(code) as string;
  await store.prisma.$transaction(async (tx) => {
    await addApproval(tx, { symbols, patientId, evidence, createdBy: authorOf(actor) });
    await record(tx, actor, { type: 'recovery.approved', patientId, detail: { evidence } });
  });
  return { code };
}

/**
 * For who lost everything, her codes too, or who has a thief in her account: nothing that was a way in before is one any
 * more. Consents stay. The invitation, shown once, makes a first passkey.
 */
export async function resetPatient(
  { store }: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly code: string }> {
  const { patientId, evidence } = readInput(checked, input);
  assertMay(actor, 'patient.recover');
  assertKnown(await findPatient(store, patientId));
  const { personId: accountId } = actor;
  return store.prisma.$transaction(async (tx) => {
    const at = new Date();
    await holdPatient(tx, patientId);
    const removedPasskeys = await removeAllPasskeys(tx, patientId, at);
    const recoveryCodes = await supersedeRecoveryCodes(tx, patientId, at);
    await refuseOpenRecoveries(tx, { accountId, patientId }, requestId());
    await beginWatch(tx, patientId, at);
    const sessions = { accountId: patientId, endedBy: accountId };
    const endedSessions = (await endSessionsWithin(tx, store, sessions, requestId())).length;
    const before = { passkeys: removedPasskeys, recoveryCodes, sessions: endedSessions };
    const after = { passkeys: 0, recoveryCodes: 0, sessions: 0 };
    const detail = { evidence, removedPasskeys, endedSessions, before, after };
    await record(tx, actor, { type: 'patient.reset', patientId, detail });
    await tellPatient(tx, { type: 'patient.reset', patientId, values: {} });
    return { code: await issueInvitationWithin(tx, { patientId }, requestId()) };
  });
}
