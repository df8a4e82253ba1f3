// The one-time codes on a patient's paper: kept as argon2id hashes, each good for one use.
import { randomBytes } from 'node:crypto';
import { verify } from 'argon2';
import {
  CODE_BYTES,
  RECOVERY_CODES,
  type ReadCode,
  readRecoveryCode,
  recoveryCode,
} from '../policy/recovery-codes.ts';
import type { Store, Transaction } from './database.ts';
import { holdPatient } from './own-passkeys.ts';
import { refuseOpenRecoveries } from './recoveries.ts';
import { hashSecret } from './secrets.ts';

export interface NewRecoveryCode {
  /** As it is shown, once. */
  readonly code: string;
  readonly id: string;
  readonly codeHash: string;
}

export async function newRecoveryCodes(): Promise<readonly NewRecoveryCode[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => recoveryCode(randomBytes(CODE_BYTES)));
  return Promise.all(
    codes.map(async (code) => {
      const { id, secret } = readRecoveryCode(code) as ReadCode;
      return { code, id, codeHash: await hashSecret(secret) };
    }),
  );
}

/** Those before them end, and what was started with one of them. Two that would be found alike are refused by the database: the whole is tried again. */
export async function replaceRecoveryCodes(
  tx: Transaction,
  patientId: string,
  codes: readonly NewRecoveryCode[],
  requestId?: string,
): Promise<void> {
  const at = new Date();
  await holdPatient(tx, patientId);
  await supersedeRecoveryCodes(tx, patientId, at);
  await refuseOpenRecoveries(tx, { accountId: patientId, patientId }, requestId);
  await tx.recoveryCode.createMany({
    data: codes.map(({ id, codeHash }) => ({ id, codeHash, patientId, createdAt: at })),
  });
}

const live = { usedAt: null, supersededAt: null };

/** Her row is held. How many there were. */
export async function supersedeRecoveryCodes(tx: Transaction, patientId: string, at: Date): Promise<number> {
  const data = { supersededAt: at };
  return (await tx.recoveryCode.updateMany({ where: { ...live, patientId }, data })).count;
}

export async function liveRecoveryCodes(store: Store, patientId: string) {
  const rows = await store.prisma.recoveryCode.findMany({
    where: { ...live, patientId },
    select: { createdAt: true },
  });
  return { left: rows.length, madeAt: rows[0]?.createdAt ?? null };
}

const decoy = hashSecret(randomBytes(32).toString('base64url'));

export interface FoundCode {
  readonly id: string;
  readonly patientId: string;
  readonly codeHash: string;
  readonly isLive: boolean;
}

export async function findRecoveryCode(store: Store, { id }: ReadCode): Promise<FoundCode | undefined> {
  const row = await store.prisma.recoveryCode.findUnique({ where: { id } });
  return row === null ? undefined : { ...row, isLive: row.usedAt === null && row.supersededAt === null };
}

/** Whether such a code was ever made or not, this takes as long. */
export async function isRightSecret(found: FoundCode | undefined, { secret }: ReadCode): Promise<boolean> {
  const holds = await verify(found?.codeHash ?? (await decoy), secret);
  return holds && found !== undefined;
}

/** Uses the code up; false for all but the first. */
export async function useRecoveryCode(tx: Transaction, id: string): Promise<boolean> {
  const { count } = await tx.recoveryCode.updateMany({
    where: { ...live, id },
    data: { usedAt: new Date() },
  });
  return count === 1;
}
