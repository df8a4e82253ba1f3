// Subjects that a receiver took out of its stream (SSF 1.0 §8.1.3).
import type { Store } from './database.ts';
import { sha256Hex } from './hash.ts';

/** A subject in one spelling: members in order. */
const MAX = 1_000;

/** False: it took out as many as it may. */
export async function removeSubject(store: Store, streamId: string, subject: string): Promise<boolean> {
  return store.prisma.$transaction(async (tx) => {
    if ((await tx.signalSubjectRemoved.count({ where: { streamId } })) >= MAX) return false;
    const data = [{ streamId, mark: sha256Hex(subject), subject: JSON.parse(subject) }];
    await tx.signalSubjectRemoved.createMany({ data, skipDuplicates: true });
    return true;
  });
}

export async function addSubject(store: Store, streamId: string, subject: string): Promise<void> {
  await store.prisma.signalSubjectRemoved.deleteMany({ where: { streamId, mark: sha256Hex(subject) } });
}

export async function removedSubjects(store: Store, streamId: string): Promise<unknown[]> {
  const rows = await store.prisma.signalSubjectRemoved.findMany({
    where: { streamId },
    select: { subject: true },
  });
  return rows.map(({ subject }) => subject);
}
