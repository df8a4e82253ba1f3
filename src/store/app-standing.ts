import type { Transaction } from './database.ts';
import type { App } from './generated/client.ts';

export type AppStanding = Partial<
  Pick<App, 'organizationId' | 'ownerId' | 'backupOwnerId' | 'contractId' | 'revisionId'> &
    Pick<App, 'reviewedAt' | 'attestationDueAt' | 'suspendedAt' | 'offboardedAt' | 'registrationTokenHash'>
>;

/** Of an app that is held. */
export async function updateApp(tx: Transaction, id: string, standing: AppStanding): Promise<void> {
  await tx.app.update({ where: { id }, data: standing, select: { id: true } });
}

/** The apps that an organization still answers for. */
export async function listAppsOf(tx: Transaction, organizationId: string) {
  return tx.app.findMany({
    where: { organizationId, offboardedAt: null },
    select: { id: true, environment: true },
    orderBy: { id: 'asc' },
  });
}
