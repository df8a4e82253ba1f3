import { type EmploymentFacts, worksAt } from '../policy/employment.ts';
import { type Role, roles } from '../policy/permissions.ts';
import type { Db, Transaction } from './database.ts';
import type { Person } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { supersedeInvitations } from './invitations.ts';

/** Who works there at that instant. */
export const working = (now: Date) => ({ OR: [{ leftAt: null }, { leftAt: { gt: now } }] });
export const held = (now: Date) => ({
  grantedAt: { lte: now },
  OR: [{ endedAt: null }, { endedAt: { gt: now } }],
});
export const inOrder = (names: readonly string[]): Role[] => roles.filter((role) => names.includes(role));

export type NewPerson = Pick<Person, 'id' | 'organizationId' | 'name' | 'email' | 'userHandle' | 'createdAt'>;

export async function insertPerson(tx: Transaction, person: NewPerson): Promise<void> {
  await tx.person.create({ data: person, select: { id: true } });
}

export async function updatePerson(tx: Transaction, id: string, facts: { name?: string; email?: string }) {
  await tx.person.update({ where: { id }, data: facts, select: { id: true } });
}

/** False when she has left already. */
export async function endEmployment(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const ended = await tx.person.updateMany({ where: { id, ...working(new Date()) }, data: { leftAt: at } });
  await supersedeInvitations(tx, { personId: id }, at);
  return ended.count > 0;
}

export type HeldPerson = Person & { readonly roles: readonly Role[] };

export async function findPersonRow(db: Db, id: string): Promise<HeldPerson | null> {
  if (!mayName(id)) return null;
  const person = await db.person.findUnique({
    where: { id },
    include: { roles: { where: held(new Date()), select: { role: true } } },
  });
  return person === null ? null : { ...person, roles: inOrder(person.roles.map(({ role }) => role)) };
}

/** The person, held until the transaction ends, so that she is not given one role twice. */
export async function holdPerson(tx: Transaction, id: string): Promise<HeldPerson | null> {
  if (!mayName(id)) return null;
  await tx.$queryRaw`SELECT 1 FROM person WHERE id = ${id} FOR NO KEY UPDATE`;
  return findPersonRow(tx, id);
}

/** Someone who works for the organization now. */
export async function findColleague(db: Db, organizationId: string, id: string): Promise<HeldPerson | null> {
  const person = await findPersonRow(db, id);
  const works = person !== null && worksAt(new Date(), person);
  return works && person.organizationId === organizationId ? person : null;
}

/** Compared without case. Prisma does that with ILIKE, to which `_`, `%` and `\\` mean something else. */
export const sameAddress = (email: string) =>
  ({ equals: email.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' }) as const;

export async function isAddressTaken(db: Db, organizationId: string, email: string, exceptId = '') {
  const where = {
    organizationId,
    email: sameAddress(email),
    id: { not: exceptId },
  };
  return (await db.person.count({ where: { ...where, ...working(new Date()) } })) > 0;
}

/** Someone who works there now, by her mail address. */
export async function findByAddress(db: Db, organizationId: string, email: string): Promise<string | null> {
  if (![organizationId, email].every(mayName)) return null;
  const person = await db.person.findFirst({
    where: { organizationId, email: sameAddress(email), ...working(new Date()) },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  return person?.id ?? null;
}

interface NewRole {
  readonly id: string;
  readonly personId: string;
  readonly role: Role;
  readonly grantedAt: Date;
  readonly grantedBy: string;
}

export async function insertRoles(tx: Transaction, given: readonly NewRole[]): Promise<void> {
  await tx.personRole.createMany({ data: [...given] });
}

/** False when she does not hold it. */
export async function endRoleRow(tx: Transaction, personId: string, role: Role): Promise<boolean> {
  const now = new Date();
  const ended = await tx.personRole.updateMany({
    where: { personId, role, ...held(now) },
    data: { endedAt: now },
  });
  return ended.count > 0;
}

/**
 * Whether nobody would be operator without that person, or without that organization. The roles of operators are held
 * until the transaction ends: of two operators who end one another, one remains.
 */
export async function endsLastOperator(
  tx: Transaction,
  without: { readonly personId: string } | { readonly organizationId: string },
): Promise<boolean> {
  await tx.$queryRaw`SELECT 1 FROM person_role WHERE role = 'operator' AND ended_at IS NULL ORDER BY id FOR UPDATE`;
  const now = new Date();
  const operators = await tx.person.findMany({
    where: {
      roles: { some: { role: 'operator', ...held(now) } },
      leftAt: null,
      organization: { suspendedAt: null, offboardedAt: null },
    },
    select: { id: true, organizationId: true },
  });
  const leaves = (operator: { id: string; organizationId: string }) =>
    'personId' in without
      ? operator.id === without.personId
      : operator.organizationId === without.organizationId;
  return operators.length > 0 && operators.every(leaves);
}

/** A person as the one who acts, with what decides whether she may. */
export interface ActorFacts extends EmploymentFacts {
  readonly personId: string;
  readonly organizationId: string;
  readonly roles: readonly Role[];
}

export async function findActorFacts(db: Db, personId: string): Promise<ActorFacts | null> {
  const person = await findPersonRow(db, personId);
  if (person === null) return null;
  const { suspendedAt, offboardedAt } = await db.organization.findUniqueOrThrow({
    where: { id: person.organizationId },
    select: { suspendedAt: true, offboardedAt: true },
  });
  const { organizationId, leftAt, roles: names } = person;
  const standing = { organizationSuspendedAt: suspendedAt, organizationOffboardedAt: offboardedAt };
  return { personId, organizationId, roles: names, leftAt, ...standing };
}
