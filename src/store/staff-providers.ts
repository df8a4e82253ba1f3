// The OpenID providers of organizations, their client secrets sealed in the row.
import type { Db, Store, Transaction } from './database.ts';
import type { StaffProvider } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { seal, sealingKey, unseal } from './sealing.ts';

export type StaffProviderRow = Omit<StaffProvider, 'sealedSecret'>;

const PURPOSE = 'staff providers';
const shown = { sealedSecret: true } as const;

export const sealProviderSecret = (sealKey: string, providerId: string, secret: string) =>
  seal(sealingKey(sealKey, PURPOSE), secret, providerId);

export async function insertStaffProvider(
  tx: Transaction,
  row: Omit<StaffProvider, 'endedAt'>,
): Promise<void> {
  await tx.staffProvider.create({ data: row, select: { id: true } });
}

/** The live one is ended; undefined: there is none. */
export async function endStaffProvider(
  tx: Transaction,
  organizationId: string,
  endedAt: Date,
): Promise<StaffProviderRow | undefined> {
  const live = await findLiveProvider(tx, organizationId);
  if (live === null) return undefined;
  const { count } = await tx.staffProvider.updateMany({
    where: { id: live.id, endedAt: null },
    data: { endedAt },
  });
  return count === 0 ? undefined : live;
}

export const findLiveProvider = (db: Db, organizationId: string): Promise<StaffProviderRow | null> =>
  db.staffProvider.findFirst({ where: { organizationId, endedAt: null }, omit: shown });

/** For the others no second one can take a domain until the transaction ends. */
export async function findDomainProvider(
  tx: Transaction,
  domains: readonly string[],
  exceptOrganizationId: string,
): Promise<StaffProviderRow | null> {
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(7283645)) locked`;
  const where = { endedAt: null, organizationId: { not: exceptOrganizationId } };
  return tx.staffProvider.findFirst({ where: { ...where, domains: { hasSome: [...domains] } }, omit: shown });
}

const inForce = { endedAt: null, organization: { suspendedAt: null, offboardedAt: null } } as const;

export interface KnownProvider extends StaffProviderRow {
  readonly organizationName: string;
}

/** The provider of those with addresses at that host. */
export async function findProviderOfDomain(store: Store, domain: string): Promise<KnownProvider | undefined> {
  if (!mayName(domain)) return undefined;
  const row = await store.prisma.staffProvider.findFirst({
    where: { ...inForce, domains: { has: domain } },
    include: { organization: { select: { legalName: true } } },
    omit: shown,
  });
  return row === null ? undefined : known(row);
}

/** A live one, with its secret. Throws when the secret was sealed with another key. */
export async function findSealedProvider(
  store: Store,
  sealKey: string,
  id: string,
): Promise<(KnownProvider & { readonly secret: string }) | undefined> {
  if (!mayName(id)) return undefined;
  const row = await store.prisma.staffProvider.findFirst({
    where: { ...inForce, id },
    include: { organization: { select: { legalName: true } } },
  });
  if (row === null) return undefined;
  const { sealedSecret, ...rest } = row;
  return { ...known(rest), secret: String(unseal(sealingKey(sealKey, PURPOSE), sealedSecret, id)) };
}

const known = <Row extends { readonly organization: { readonly legalName: string } }>({
  organization,
  ...row
}: Row) => ({ ...row, organizationName: organization.legalName });

/** Newest first. */
export const listProviderRows = (db: Db, organizationId: string): Promise<StaffProviderRow[]> =>
  db.staffProvider.findMany({
    where: { organizationId },
    omit: shown,
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: 50,
  });
