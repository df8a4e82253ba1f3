import type { Db, Store, Transaction } from './database.ts';
import type { Ehr, Prisma } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';
import { type PartyKeys, plainKeys } from './party-keys.ts';

export interface EhrRow extends Omit<Ehr, 'jwks'> {
  readonly jwks: PartyKeys;
  readonly organizationName: string | null;
  readonly ownerName: string | null;
}

const PARTS = {
  organization: { select: { legalName: true } },
  owner: { select: { name: true } },
} as const satisfies Prisma.EhrInclude;

type Found = Prisma.EhrGetPayload<{ include: typeof PARTS }>;

const shown = ({ organization, owner, jwks, ...ehr }: Found): EhrRow => ({
  ...ehr,
  jwks: jwks as unknown as PartyKeys,
  organizationName: organization?.legalName ?? null,
  ownerName: owner?.name ?? null,
});

type EhrFacts = Pick<Ehr, 'name' | 'organizationId' | 'ownerId'> & { readonly jwks: PartyKeys };

const written = ({ jwks, ...facts }: Partial<EhrFacts>) => ({
  ...facts,
  ...(jwks === undefined ? {} : { jwks: plainKeys(jwks) }),
});

export async function insertEhr(
  tx: Transaction,
  { id, fhirBaseUrl, createdAt, ...facts }: EhrFacts & Pick<Ehr, 'id' | 'fhirBaseUrl' | 'createdAt'>,
): Promise<void> {
  await tx.ehr.create({
    data: { id, fhirBaseUrl, createdAt, name: facts.name, jwks: {}, ...written(facts) },
    select: { id: true },
  });
}

export async function updateEhr(tx: Transaction, id: string, facts: Partial<EhrFacts>): Promise<void> {
  await tx.ehr.update({ where: { id }, data: written(facts), select: { id: true } });
}

/** False: it was so already. */
export async function markEhrSuspended(
  tx: Transaction,
  id: string,
  suspendedAt: Date | null,
): Promise<boolean> {
  const expected = suspendedAt === null ? { suspendedAt: { not: null } } : { suspendedAt: null };
  return (await tx.ehr.updateMany({ where: { id, ...expected }, data: { suspendedAt } })).count > 0;
}

export async function isFhirBase(db: Db, url: string): Promise<boolean> {
  return mayName(url) && (await db.fhirBase.count({ where: { url } })) > 0;
}

export async function findEhrRow(db: Db, id: string): Promise<EhrRow | null> {
  const found = mayName(id) ? await db.ehr.findUnique({ where: { id }, include: PARTS }) : null;
  return found === null ? null : shown(found);
}

export async function listEhrRows(
  { prisma }: Store,
  organizationId: string | undefined,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<EhrRow>> {
  const limit = limitOf(paging);
  const [name = '', id = ''] = place ?? [];
  const found = await prisma.ehr.findMany({
    where: {
      ...(organizationId === undefined ? {} : { organizationId }),
      ...(place === null ? {} : { OR: [{ name: { gt: name } }, { name, id: { gt: id } }] }),
    },
    include: PARTS,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: limit + 1,
  });
  return pageOf(found.map(shown), limit, (row) => [row.name, row.id]);
}
