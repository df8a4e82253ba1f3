import type { Store } from './database.ts';

/** What a person decided, for herself or for others, and what her representatives decided for her. */
const seenBy = (personId: string) => ({
  OR: [{ accountId: personId }, { patientId: personId, representationId: { not: null } }],
});

export async function listConsents(store: Store, personId: string) {
  return store.prisma.consent.findMany({
    where: seenBy(personId),
    include: {
      app: {
        include: {
          organization: true,
          revision: true,
          transfers: { where: { completedAt: { not: null } }, orderBy: { completedAt: 'desc' }, take: 1 },
        },
      },
      patient: true,
    },
    orderBy: { decidedAt: 'desc' },
  });
}

/** The grants to an app over a patient's record that a person may end, and that nobody has ended. */
export async function liveGrantIds(
  store: Store,
  personId: string,
  about: { readonly appId: string; readonly patientId: string },
): Promise<string[]> {
  const rows = await store.prisma.consent.findMany({
    where: { ...about, ...seenBy(personId), withdrawnAt: null },
    select: { grantId: true },
  });
  return rows.map(({ grantId }) => grantId);
}
