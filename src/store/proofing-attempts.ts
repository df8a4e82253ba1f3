// Somebody on the way to an identity provider and back. Each step is a conditional update: what was done once is not done
// again, and nothing is done by another browser.
import { randomUUID } from 'node:crypto';
import type { Store, Transaction } from './database.ts';
import type { ProofingAttempt } from './generated/client.ts';
import { sha256Hex } from './hash.ts';

/** Long enough to show a driver's licence to a camera. */
const LIFETIME_MS = 60 * 60_000;
/** What was proved is used soon. */
const FRESH_MS = 10 * 60_000;

export type NewAttempt = Pick<ProofingAttempt, 'browserHash' | 'reason' | 'level' | 'patientId' | 'next'>;

export interface Departure {
  readonly providerId: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** On the way, and back. */
export interface SentAttempt extends NewAttempt {
  readonly id: string;
  readonly providerId: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export async function createAttempt(store: Store, attempt: NewAttempt): Promise<string> {
  const id = randomUUID();
  const expiresAt = new Date(Date.now() + LIFETIME_MS);
  await store.prisma.proofingAttempt.create({ data: { id, ...attempt, expiresAt } });
  return id;
}

const open = (browserHash: string) => ({ browserHash, expiresAt: { gt: new Date() } });

export function findAttempt(store: Store, id: string, browserHash: string): Promise<ProofingAttempt | null> {
  return store.prisma.proofingAttempt.findFirst({ where: { id, ...open(browserHash) } });
}

/** False when the answer has come already: she begins anew. */
export async function sendAttempt(
  store: Store,
  { id, browserHash }: Pick<ProofingAttempt, 'id' | 'browserHash'>,
  { state, ...departure }: Departure,
): Promise<boolean> {
  const { count } = await store.prisma.proofingAttempt.updateMany({
    where: { id, ...open(browserHash), calledBackAt: null },
    data: { ...departure, stateHash: sha256Hex(state) },
  });
  return count === 1;
}

/** Takes the answer of a provider, for one caller only: whatever it is worth, it does not count again. */
export async function receiveAttempt(
  store: Store,
  { state, providerId, browserHash }: { state: string; providerId: string; browserHash: string },
): Promise<SentAttempt | undefined> {
  const stateHash = sha256Hex(state);
  const { count } = await store.prisma.proofingAttempt.updateMany({
    where: { stateHash, providerId, ...open(browserHash), calledBackAt: null },
    data: { calledBackAt: new Date() },
  });
  if (count === 0) return undefined;
  return (await store.prisma.proofingAttempt.findUnique({ where: { stateHash } })) as SentAttempt;
}

export async function recordProved(tx: Transaction, id: string, proofingId: string): Promise<void> {
  await tx.proofingAttempt.update({ where: { id }, data: { proofingId, proofedAt: new Date() } });
}

const fresh = (browserHash: string) => ({
  browserHash,
  takenAt: null,
  proofedAt: { gt: new Date(Date.now() - FRESH_MS) },
});

/** What this browser proved for a reason, not yet used. */
export function findProved(tx: Transaction, browserHash: string, which: { id?: string; reason: string }) {
  return tx.proofingAttempt.findFirst({
    where: { ...which, ...fresh(browserHash) },
    orderBy: { proofedAt: 'desc' },
  });
}

/** True for one caller. */
export async function takeProved(tx: Transaction, id: string, browserHash: string): Promise<boolean> {
  const { count } = await tx.proofingAttempt.updateMany({
    where: { id, ...fresh(browserHash) },
    data: { takenAt: new Date() },
  });
  return count === 1;
}
