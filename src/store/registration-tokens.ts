import type { Store } from './database.ts';

/** The app that a registration access token (RFC 7592 §3) is for, and who answers for it. */
export async function findRegisteredApp({ prisma }: Store, tokenHash: string) {
  return prisma.app.findUnique({
    where: { registrationTokenHash: tokenHash },
    select: { id: true, organizationId: true, ownerId: true },
  });
}

export async function endRegistrationToken({ prisma }: Store, tokenHash: string): Promise<void> {
  const data = { registrationTokenHash: null };
  await prisma.app.updateMany({ where: { registrationTokenHash: tokenHash }, data });
}
