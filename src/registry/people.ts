import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { worksAt } from '../policy/employment.ts';
import { type Actor, authorOf, type Role, roles } from '../policy/permissions.ts';
import { reachOf } from '../store/blast-radius.ts';
import { issueInvitationWithin } from '../store/invitations.ts';
import { findOrganizationRow } from '../store/organizations.ts';
import {
  endEmployment,
  endsLastOperator,
  holdPerson,
  insertPerson,
  insertRoles,
  isAddressTaken,
  updatePerson,
} from '../store/people.ts';
import { requestId } from '../web/request-context.ts';
import { factsOf, marked } from './audit-marks.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { email, identifier, line, readInput, refuse } from './input.ts';
import { endComings, handOver, leaving, tellOfLeaving } from './leaving.ts';
import { announce } from './notices.ts';
import { endForGood } from './offboarding-record.ts';
import { RegistryRefusal } from './refusal.ts';

const NAME_MAX = 80;
export const newPerson = z.strictObject({
  organizationId: identifier,
  name: line(NAME_MAX),
  email,
  roles: z
    .array(z.enum(roles))
    .min(1)
    .max(roles.length)
    .transform((names) => [...new Set(names)]),
});
export const change = z.strictObject({ name: line(NAME_MAX), email }).partial();

/** Input: {organizationId, name, email, roles}. The code is shown once: `<issuer>/invitation#<code>`. */
export async function invitePerson(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly personId: string; readonly code: string }> {
  const given = readInput(newPerson, input);
  const { organizationId, name, email: address } = given;
  assertMay(actor, 'person.invite', { organizationId, roles: given.roles });
  const [personId, now] = [randomUUID(), new Date()];
  // WebAuthn §6.1: random, without a word about the person.
  const userHandle = randomBytes(32).toString('base64url');
  const code = await deps.store.prisma.$transaction(async (tx) => {
    const organization = await findOrganizationRow(tx, organizationId);
    assertKnown(organization);
    if (organization.offboardedAt !== null) throw new RegistryRefusal('state_conflict');
    if (await isAddressTaken(tx, organizationId, address)) refuse('email', 'duplicate', address);
    await insertPerson(tx, {
      id: personId,
      organizationId,
      name,
      email: address,
      userHandle,
      createdAt: now,
    });
    await insertRoles(tx, given.roles.map(newRole(actor, personId, now)));
    const detail = { personId, roles: given.roles };
    await record(tx, actor, { type: 'person.invited', organizationId, detail });
    await announce(tx, {
      type: 'person.invited',
      organizationId,
      values: { person: name },
      also: [personId],
    });
    return issueInvitationWithin(tx, { personId }, requestId());
  });
  return { personId, code };
}

/** A new invitation for someone who lost hers, or her passkey. */
export async function inviteAgain(
  deps: RegistryDeps,
  actor: Actor,
  personId: string,
): Promise<{ readonly code: string }> {
  return deps.store.prisma.$transaction(async (tx) => {
    const { organizationId, name } = await personToChange(tx, actor, personId);
    await record(tx, actor, { type: 'person.invited_again', organizationId, detail: { personId } });
    // The link opens her account to whoever holds it: she hears that there is one.
    await announce(tx, {
      type: 'person.invited',
      organizationId,
      values: { person: name },
      also: [personId],
    });
    return { code: await issueInvitationWithin(tx, { personId }, requestId()) };
  });
}

/** Input: any of {name, email}. */
export async function changePerson(
  deps: RegistryDeps,
  actor: Actor,
  personId: string,
  input: unknown,
): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const person = await personToChange(tx, actor, personId);
    const { organizationId } = person;
    const { name, email: address } = readInput(change, input);
    if (address !== undefined && (await isAddressTaken(tx, organizationId, address, personId)))
      refuse('email', 'duplicate', address);
    const facts = {
      ...(name === undefined ? {} : { name }),
      ...(address === undefined ? {} : { email: address }),
    };
    const fields = Object.keys(facts);
    if (fields.length === 0) return;
    await updatePerson(tx, personId, facts);
    // An event stays for good: that her personal data changed, and to something else, never what it was or is.
    const { before, after } = factsOf(person, facts);
    const of = (told: object) => marked(deps.sealKey, told);
    const detail = { personId, fields, before: of(before), after: of(after) };
    await record(tx, actor, { type: 'person.changed', organizationId, detail });
  });
}

/**
 * Input: {at?, reason, handover?}: when her work ends; now without it. What nobody takes over has no owner from then on;
 * what was issued while she answered for it is over when she leaves now.
 */
export async function endPerson(
  deps: RegistryDeps,
  actor: Actor,
  personId: string,
  input: unknown,
): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const { organizationId, name, leftAt } = await personToChange(tx, actor, personId, async () => ({
      endsLastOperator: await endsLastOperator(tx, { personId }),
    }));
    const now = new Date();
    const { at = now, reason, handover } = readInput(leaving, input);
    if (at < now) refuse('at', 'date_past');
    // What is handed over takes the cut-off along: its tokens, too, are over.
    const reach = await reachOf(tx, deps.store, 'person', personId);
    assertChanged(await endEmployment(tx, personId, at));
    const leaver = { personId, organizationId, name, at, now };
    const apps = await handOver(tx, actor, leaver, handover);
    const ended = at > now ? {} : { ended: await endComings(tx, personId, now) };
    const detail = {
      ...{ personId, at: at.toISOString(), before: { leftAt: leftAt?.toISOString() ?? null } },
      ...{ after: { leftAt: at.toISOString() }, apps: apps.map(({ id }) => id), ...ended },
      reason,
    };
    await record(tx, actor, { type: 'person.left', organizationId, detail });
    await tellOfLeaving(tx, leaver, apps);
    if (at > now) return;
    const whose = { kind: 'person', subjectId: personId, subjectName: name, organizationId } as const;
    const cut = { kind: 'owner', subjectIds: [personId], endsGrants: false, cause: 'person.left' } as const;
    await endForGood(tx, deps, actor, { ...whose, reason, reach, cut });
  });
}

type Tx = Parameters<typeof holdPerson>[0];

/** The person, held, whom the actor may change now. */
async function personToChange(
  tx: Tx,
  actor: Actor,
  personId: string,
  more: () => Promise<{ readonly endsLastOperator?: boolean }> = async () => ({}),
) {
  const person = await holdPerson(tx, personId);
  assertKnown(person);
  const { organizationId } = person;
  assertMay(actor, 'person.change', { organizationId, roles: person.roles, ...(await more()) });
  if (!worksAt(new Date(), person)) throw new RegistryRefusal('state_conflict');
  return person;
}

export const newRole = (actor: Actor, personId: string, grantedAt: Date) => (role: Role) => ({
  ...{ id: randomUUID(), personId, role },
  ...{ grantedAt, grantedBy: authorOf(actor) },
});
