import type { Db, Transaction } from './database.ts';
import type { App, Prisma } from './generated/client.ts';
import { mayName } from './identifier.ts';

type NewApp = Omit<
  App,
  'revisionId' | 'reviewedAt' | 'attestationDueAt' | 'suspendedAt' | 'offboardedAt' | 'registrationTokenHash'
> & { readonly registrationTokenHash?: string | undefined };

export async function insertApp(tx: Transaction, app: NewApp): Promise<void> {
  await tx.app.create({ data: app, select: { id: true } });
}

/** From the next request on the app is what this revision says. */
export async function putInForce(tx: Transaction, appId: string, revisionId: string): Promise<void> {
  await tx.app.update({ where: { id: appId }, data: { revisionId }, select: { id: true } });
}

const person = { select: { id: true, name: true, email: true, leftAt: true } } as const;

const SHOWN = {
  ...{
    id: true,
    environment: true,
    organizationId: true,
    ownerId: true,
    backupOwnerId: true,
    contractId: true,
  },
  ...{ revisionId: true, registeredThrough: true, createdAt: true, reviewedAt: true, attestationDueAt: true },
  ...{ suspendedAt: true, offboardedAt: true },
  ...{ owner: person, backupOwner: person },
  contract: { select: { id: true, reference: true, startsAt: true, endsAt: true } },
  organization: {
    select: {
      ...{ id: true, legalName: true, kind: true, country: true },
      ...{ admittedAt: true, suspendedAt: true, offboardedAt: true },
    },
  },
} as const satisfies Prisma.AppSelect;

export async function findAppRow(db: Db, id: string) {
  return mayName(id) ? db.app.findUnique({ where: { id }, select: SHOWN }) : null;
}

export type AppRow = NonNullable<Awaited<ReturnType<typeof findAppRow>>>;

/** The app, held until the transaction ends: its revisions and submissions come one after the other. */
export async function holdAppRow(tx: Transaction, id: string): Promise<AppRow | null> {
  if (!mayName(id)) return null;
  await tx.$queryRaw`SELECT 1 FROM app WHERE id = ${id} FOR NO KEY UPDATE`;
  return findAppRow(tx, id);
}

/** The contracts of an organization that are in force. */
export async function currentContracts(db: Db, organizationId: string, now: Date) {
  return db.contract.findMany({
    where: {
      ...{ organizationId, startsAt: { lte: now }, endsAt: { gt: now } },
      OR: [{ approvedAt: { not: null } }, { approvalNeeded: { isEmpty: true } }],
    },
    select: { id: true },
    take: 2,
  });
}
