// Who works for the demo's organizations: the app's owner and a colleague, and those who review and operate.
import { randomBytes } from 'node:crypto';
import { skeletonOf } from '../policy/names.ts';
import type { Role } from '../policy/permissions.ts';
import type { Store } from '../store/database.ts';
import { issueInvitation } from '../store/invitations.ts';

export const DEMO_NETWORK = 'demo-network';
export const DEMO_OWNER = 'dana-whitfield';
export const DEMO_DEVELOPER = 'miguel-santos';
export const DEMO_OPERATOR = 'priya-raman';
const DEMO_SECURITY_OFFICER = 'tom-lindqvist';

const colleagues: readonly DemoPerson[] = [
  { id: DEMO_DEVELOPER, organizationId: 'lantern', name: 'Miguel Santos', email: 'miguel@lantern.example' },
  { id: DEMO_OPERATOR, organizationId: DEMO_NETWORK, name: 'Priya Raman', email: 'priya@network.example' },
  {
    ...{ id: DEMO_SECURITY_OFFICER, organizationId: DEMO_NETWORK },
    ...{ name: 'Tom Lindqvist', email: 'tom@network.example' },
  },
];

const rolesOf: Readonly<Record<string, readonly Role[]>> = {
  [DEMO_OWNER]: ['owner', 'developer'],
  [DEMO_DEVELOPER]: ['developer'],
  [DEMO_OPERATOR]: ['operator', 'reviewer'],
  [DEMO_SECURITY_OFFICER]: ['security_officer', 'reviewer'],
};

/** After `seedRegistry`, which makes the app's organization and its owner. */
export async function seedStaff({ prisma }: Store, operatorName: string): Promise<void> {
  const network = {
    ...{ id: DEMO_NETWORK, legalName: operatorName, nameSkeleton: skeletonOf(operatorName) },
    ...{ kind: 'network', admittedAt: new Date() },
  };
  await prisma.organization.upsert({ where: { id: DEMO_NETWORK }, create: network, update: {} });
  await putPeople(prisma, colleagues, rolesOf);
}

export interface DemoPerson {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly email: string;
}

/** A role that was ended stays ended. */
export async function putPeople(
  prisma: Store['prisma'],
  people: readonly DemoPerson[],
  roles: Readonly<Record<string, readonly Role[]>>,
): Promise<void> {
  for (const person of people) {
    const create = { ...person, userHandle: randomBytes(32).toString('base64url') };
    await prisma.person.upsert({ where: { id: person.id }, create, update: {} });
  }
  const granted = Object.entries(roles).flatMap(([personId, names]) =>
    names.map((role) => ({ id: `${personId}-${role}`, personId, role })),
  );
  for (const role of granted) {
    const create = { ...role, grantedBy: 'demo' };
    await prisma.personRole.upsert({ where: { id: role.id }, create, update: {} });
  }
}

/** An invitation for the app's owner and for the operator, as long as they have no passkey. */
export async function staffInvitations(store: Store, issuer: string) {
  const invited = await store.prisma.person.findMany({
    where: { id: { in: [DEMO_OWNER, DEMO_OPERATOR] }, passkeys: { none: {} } },
    orderBy: { name: 'asc' },
  });
  const invitations = [];
  for (const { id: personId, name } of invited) {
    const role = personId === DEMO_OWNER ? 'who owns the demo apps' : 'who operates and reviews';
    const url = `${issuer}/invitation#${await issueInvitation(store, { personId })}`;
    invitations.push({ name, role, url });
  }
  return invitations;
}
