import type { Db, Store, Transaction } from './database.ts';
import type { FhirBase, Prisma, ResourceServer } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';
import { type PartyKeys, writtenKeys } from './party-keys.ts';

export interface FhirBaseRow {
  readonly url: string;
  readonly slug: string;
  readonly environment: string;
}

export interface ResourceServerRow extends Omit<ResourceServer, 'jwks'> {
  /** Of its private_key_jwt; null: it has none. */
  readonly jwks: PartyKeys | null;
  readonly organizationName: string | null;
  readonly ownerName: string | null;
  readonly fhirBases: readonly FhirBaseRow[];
  /** Live ones, without the hashes. */
  readonly secrets: readonly { readonly id: string; readonly createdAt: Date; readonly endsAt: Date }[];
}

const withParts = (now: Date) =>
  ({
    organization: { select: { legalName: true } },
    owner: { select: { name: true } },
    fhirBases: { select: { url: true, slug: true, environment: true }, orderBy: { url: 'asc' } },
    secrets: {
      where: { revokedAt: null, endsAt: { gt: now } },
      select: { id: true, createdAt: true, endsAt: true },
      orderBy: { createdAt: 'asc' },
    },
  }) as const satisfies Prisma.ResourceServerInclude;

type Found = Prisma.ResourceServerGetPayload<{ include: ReturnType<typeof withParts> }>;

const shown = ({ organization, owner, jwks, ...server }: Found): ResourceServerRow => ({
  ...server,
  jwks: jwks as unknown as PartyKeys | null,
  organizationName: organization?.legalName ?? null,
  ownerName: owner?.name ?? null,
});

type ServerFacts = Pick<ResourceServer, 'name' | 'organizationId' | 'ownerId'>;

interface ServerKeys {
  readonly jwks?: PartyKeys | null | undefined;
}

const written = <Facts extends Partial<ServerFacts>>({ jwks, ...facts }: Facts & ServerKeys) => ({
  ...facts,
  ...(jwks === undefined ? {} : { jwks: writtenKeys(jwks) }),
});

export async function insertResourceServer(
  tx: Transaction,
  server: ServerFacts & ServerKeys & Pick<ResourceServer, 'id' | 'createdAt'>,
): Promise<void> {
  await tx.resourceServer.create({ data: written(server), select: { id: true } });
}

export async function updateResourceServer(
  tx: Transaction,
  id: string,
  facts: Partial<ServerFacts> & ServerKeys,
): Promise<void> {
  await tx.resourceServer.update({ where: { id }, data: written(facts), select: { id: true } });
}

/** False: it was so already. */
export async function markServerSuspended(
  tx: Transaction,
  id: string,
  suspendedAt: Date | null,
): Promise<boolean> {
  const expected =
    suspendedAt === null ? { suspendedAt: { not: null }, offboardedAt: null } : { suspendedAt: null };
  return (
    (await tx.resourceServer.updateMany({ where: { id, ...expected }, data: { suspendedAt } })).count > 0
  );
}

/** False: it was so already. */
export async function markServerOffboarded(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const data = { offboardedAt: at, suspendedAt: at };
  return (await tx.resourceServer.updateMany({ where: { id, offboardedAt: null }, data })).count > 0;
}

/** False when another base has its URL or its slug. */
export async function insertFhirBase(tx: Transaction, base: FhirBase): Promise<boolean> {
  return (await tx.fhirBase.createMany({ data: [base], skipDuplicates: true })).count > 0;
}

export async function findResourceServerRow(db: Db, id: string): Promise<ResourceServerRow | null> {
  if (!mayName(id)) return null;
  const found = await db.resourceServer.findUnique({ where: { id }, include: withParts(new Date()) });
  return found === null ? null : shown(found);
}

export async function listResourceServerRows(
  { prisma }: Store,
  organizationId: string | undefined,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<ResourceServerRow>> {
  const limit = limitOf(paging);
  const [name = '', id = ''] = place ?? [];
  const found = await prisma.resourceServer.findMany({
    where: {
      ...(organizationId === undefined ? {} : { organizationId }),
      ...(place === null ? {} : { OR: [{ name: { gt: name } }, { name, id: { gt: id } }] }),
    },
    include: withParts(new Date()),
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: limit + 1,
  });
  return pageOf(found.map(shown), limit, (row) => [row.name, row.id]);
}

/** What an app of that environment may name as audience. */
export async function listFhirBaseRows({ prisma }: Store, environment: string) {
  const found = await prisma.fhirBase.findMany({
    where: { environment, resourceServer: { suspendedAt: null } },
    select: { url: true, slug: true, environment: true, resourceServer: { select: { name: true } } },
    orderBy: { url: 'asc' },
    take: 500,
  });
  return found.map(({ resourceServer, ...base }) => ({ ...base, serverName: resourceServer.name }));
}
