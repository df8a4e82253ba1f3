import { z } from 'zod';
import { worksAt } from '../policy/employment.ts';
import { type Actor, isOversight, type Role, roles } from '../policy/permissions.ts';
import { supersedeInvitations } from '../store/invitations.ts';
import { endRoleRow, endsLastOperator, type HeldPerson, holdPerson, insertRoles } from '../store/people.ts';
import { endUncovered } from '../store/staff-passkeys.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { prose, readInput } from './input.ts';
import { newRole } from './people.ts';
import { RegistryRefusal } from './refusal.ts';

export const roleChange = z.strictObject({ role: z.enum(roles), reason: prose(1_000) });

/** Input: {role, reason}. Nobody gives one to herself. */
export async function grantRole(
  deps: RegistryDeps,
  actor: Actor,
  personId: string,
  input: unknown,
): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const person = await holdPerson(tx, personId);
    assertKnown(person);
    const { organizationId } = person;
    assertMay(actor, 'role.grant', { organizationId, personId });
    const { role, reason } = readInput(roleChange, input);
    assertMay(actor, 'role.grant', { organizationId, personId, roles: [role] });
    const now = new Date();
    if (person.roles.includes(role) || !worksAt(now, person)) throw new RegistryRefusal('state_conflict');
    await insertRoles(tx, [newRole(actor, personId, now)(role)]);
    // A link that an owner handed out, and may hold, must not open the account of someone who oversees, nor his provider.
    const ended = isOversight(role) ? { ended: await endUncovered(tx, personId, now) } : {};
    if (isOversight(role)) await supersedeInvitations(tx, { personId }, now);
    const detail = { ...changed(person, role, [...person.roles, role]), ...ended, reason };
    await record(tx, actor, { type: 'role.granted', organizationId, detail });
  });
}

/** Input: {role, reason}. True at her next request. */
export async function endRole(
  deps: RegistryDeps,
  actor: Actor,
  personId: string,
  input: unknown,
): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const person = await holdPerson(tx, personId);
    assertKnown(person);
    const { organizationId } = person;
    assertMay(actor, 'role.end', { organizationId, personId });
    const { role, reason } = readInput(roleChange, input);
    const last = role === 'operator' && (await endsLastOperator(tx, { personId }));
    assertMay(actor, 'role.end', { organizationId, personId, roles: [role], endsLastOperator: last });
    assertChanged(await endRoleRow(tx, personId, role));
    const after = person.roles.filter((held) => held !== role);
    const detail = { ...changed(person, role, after), reason };
    await record(tx, actor, { type: 'role.ended', organizationId, detail });
  });
}

const changed = (person: HeldPerson, role: Role, after: readonly Role[]) => ({
  ...{ personId: person.id, role, before: { roles: person.roles }, after: { roles: after } },
});
