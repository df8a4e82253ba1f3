// How somebody without a passkey comes back: a recovery code, and who she is proved again. Never by mail alone.
import type { Context } from 'koa';
import type { RecoveryFault } from '../audit-event.ts';
import { browserHash } from '../passkeys/page-ceremony.ts';
import { RECOVERY_TRIES, type ReadCode } from '../policy/recovery-codes.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { holdPatient } from '../store/own-passkeys.ts';
import {
  addRecovery,
  findRecovery,
  markProofed,
  type OpenRecovery,
  refuseRecovery,
} from '../store/recoveries.ts';
import { type Approval, useApproval } from '../store/recovery-approvals.ts';
import { type FoundCode, findRecoveryCode, isRightSecret, useRecoveryCode } from '../store/recovery-codes.ts';
import { countTry } from '../store/try-counts.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';

/** Another attempt was quicker: what this one took is given back. */
class Lost extends Error {}

/** What she is told of what somebody must still do to get in. */
const startedNotice = {
  proofing: 'patient.recovery_started',
  help_desk: 'patient.recovery_started_with_help',
} as const;

/** Nobody's mailbox is filled by somebody's tries. */
const TOLD_PER_HOUR = 3;

/**
 * Uses the code up, and the approval of the help desk beside it. Without an approval the page answers the same whatever
 * comes of it: what the code is worth shows when she has proved who she is.
 */
export async function startRecovery(
  deps: PatientDeps,
  ctx: Context,
  typed: ReadCode,
  approval?: Approval,
): Promise<boolean> {
  const { store } = deps;
  const found = await findRecoveryCode(store, typed);
  const tries = found && (await countTry(store, `recover account ${found.patientId}`));
  const holds = await isRightSecret(found, typed);
  const fault = faultOf(found, { tries: tries ?? 0, holds, approval });
  const browser = browserHash(deps, ctx);
  if (found === undefined || fault !== undefined) {
    await refuse(deps, {
      why: fault ?? 'code_unknown',
      patientId: found?.patientId,
      tries,
      browser,
      approval,
    });
    return false;
  }
  try {
    await store.prisma.$transaction(async (tx) => {
      await holdPatient(tx, found.patientId);
      if (approval !== undefined && !(await useApproval(tx, approval.id))) throw new Lost();
      if (!(await useRecoveryCode(tx, found.id))) throw new Lost();
      await addRecovery(tx, { browserHash: browser, code: found, approvalId: approval?.id });
      const { patientId } = found;
      const detail = { through: approval === undefined ? 'proofing' : 'help_desk' } as const;
      await appendAuditEvent(tx, { type: 'recovery.started', patientId, detail }, requestId());
      const type = startedNotice[detail.through];
      await tellPatient(tx, { type, patientId, values: {} });
    });
    return true;
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    await refuse(deps, { why: 'lost', patientId: found.patientId, tries, browser, approval });
    return false;
  }
}

interface Judged {
  readonly tries: number;
  readonly holds: boolean;
  readonly approval: Approval | undefined;
}

function faultOf(
  found: FoundCode | undefined,
  { tries, holds, approval }: Judged,
): RecoveryFault | undefined {
  if (found === undefined) return 'code_unknown';
  if (tries > RECOVERY_TRIES.account) return 'too_many';
  if (!holds) return 'code_unknown';
  if (approval !== undefined && approval.patientId !== found.patientId) return 'code_foreign';
  return found.isLive ? undefined : 'code_used';
}

interface Refused {
  readonly why: RecoveryFault;
  /** Whose code it looks like. */
  readonly patientId: string | undefined;
  readonly tries: number | undefined;
  readonly browser: string;
  readonly approval: Approval | undefined;
}

async function refuse({ store }: PatientDeps, { why, patientId, tries = 1, browser, approval }: Refused) {
  await store.prisma.$transaction(async (tx) => {
    if (approval === undefined) await addRecovery(tx, { browserHash: browser });
    await appendAuditEvent(tx, { type: 'recovery.refused', patientId, detail: { why } }, requestId());
    if (patientId === undefined || tries > TOLD_PER_HOUR) return;
    await tellPatient(tx, { type: 'patient.recovery_refused', patientId, values: {} });
  });
}

/** The way back that goes on in this browser. */
export async function openRecovery(deps: PatientDeps, ctx: Context): Promise<OpenRecovery> {
  const recovery = await findRecovery(deps.store, browserHash(deps, ctx));
  if (recovery === undefined) throw new PageError(410, 'recovery-ended');
  return recovery;
}

/** Whether who she is has been proved; the proof of another person ends it. */
export async function isProofed(deps: PatientDeps, ctx: Context, recovery: OpenRecovery): Promise<boolean> {
  if (recovery.isProofed) return true;
  const { id, patientId } = recovery;
  const goesOn = await deps.store.prisma.$transaction(async (tx) => {
    const proofed = await deps.proofing.proofed(ctx, 'recover', tx);
    if (proofed === undefined) return undefined;
    const { patientId: accountId } = proofed;
    if (patientId !== null && accountId === patientId) {
      if (!(await markProofed(tx, id))) return false;
      await appendAuditEvent(tx, { type: 'recovery.proofed', accountId, patientId }, requestId());
      return true;
    }
    if (!(await refuseRecovery(tx, id))) return false;
    const why = patientId === null ? 'code_unknown' : 'other_person';
    await appendAuditEvent(
      tx,
      { type: 'recovery.refused', accountId, patientId, detail: { why } },
      requestId(),
    );
    if (patientId !== null)
      await tellPatient(tx, { type: 'patient.recovery_refused', patientId, values: {} });
    return false;
  });
  if (goesOn === false) throw new PageError(403, 'recovery-refused');
  return goesOn === true;
}
