import { z } from 'zod';
import { daysAfter } from '../policy/days.ts';
import type { Actor } from '../policy/permissions.ts';
import {
  countLiveApiTokens,
  endApiTokenRow,
  findApiTokenRow,
  insertApiToken,
  listApiTokenRows,
  useApiToken,
} from '../store/api-tokens.ts';
import { findPersonRow, holdPerson } from '../store/people.ts';
import { lastPasskeyShown } from '../store/staff-sessions.ts';
import { drawToken, hashOfToken } from './bearer-tokens.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { line, readInput, refuse } from './input.ts';
import { actorWhoWorks } from './person-records.ts';
import { RegistryRefusal } from './refusal.ts';

export interface ApiTokenRow {
  /** SHA-256 of the token, hex. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const DAYS_MAX = 90;
const LIVE_MAX = 20;

const newApiToken = z.strictObject({
  name: line(80),
  days: z.int().min(1).max(DAYS_MAX).default(DAYS_MAX),
});

/** Input: {name, days?}. Her own, shown once, and not made with such a token itself. */
export async function createApiToken(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly token: string; readonly id: string; readonly expiresAt: Date }> {
  const { personId, organizationId } = hers(actor);
  assertMay(actor, 'api_token.create', { personId, organizationId });
  const { name, days } = readInput(newApiToken, input);
  const { token, tokenHash: id } = drawToken('api');
  const createdAt = new Date();
  const expiresAt = daysAfter(createdAt, days);
  await deps.store.prisma.$transaction(async (tx) => {
    assertKnown(await holdPerson(tx, personId));
    if ((await countLiveApiTokens(tx, personId, createdAt)) >= LIVE_MAX) refuse('name', 'too_many');
    await insertApiToken(tx, { id, personId, name, createdAt, expiresAt });
    await record(tx, actor, { type: 'api_token.created', organizationId, detail: { tokenId: id } });
  });
  return { token, id, expiresAt };
}

export async function endApiToken(deps: RegistryDeps, actor: Actor, tokenId: string): Promise<void> {
  const token = await findApiTokenRow(deps.store, tokenId);
  assertKnown(token);
  const { personId } = token;
  const person = await findPersonRow(deps.store.prisma, personId);
  assertKnown(person);
  const { organizationId } = person;
  assertMay(actor, 'api_token.end', { personId, organizationId });
  await deps.store.prisma.$transaction(async (tx) => {
    const now = new Date();
    assertChanged(await endApiTokenRow(tx, tokenId, now));
    const detail = { tokenId, ...turned('revokedAt', null, now) };
    await record(tx, actor, { type: 'api_token.ended', organizationId, detail });
  });
}

/** Her own, newest first. */
export async function listApiTokens(deps: RegistryDeps, actor: Actor): Promise<readonly ApiTokenRow[]> {
  const about = hers(actor);
  assertMay(actor, 'api_token.read', about);
  const rows = await listApiTokenRows(deps.store, about.personId);
  return rows.map(({ personId: _, ...row }) => row);
}

/** For the management API: whose bearer token it is, with the roles that she has now; undefined: nobody's. */
export async function actorOfApiToken(deps: RegistryDeps, token: string): Promise<Actor | undefined> {
  const id = hashOfToken('api', token);
  const owner = id === undefined ? undefined : await useApiToken(deps.store, id);
  return owner === undefined ? undefined : actorWhoWorks(deps, owner, 'api');
}

/** For what the pages ask the passkey for again: shown in a session of hers, in these minutes (RFC 9470). */
export async function withPasskey({ store }: RegistryDeps, actor: Actor, minutes: number): Promise<Actor> {
  const verifiedAt = await lastPasskeyShown(store, hers(actor).personId, minutes);
  if (verifiedAt === undefined) throw new RegistryRefusal('passkey_needed');
  return { ...actor, verifiedAt };
}

/** Who is nobody has none. */
function hers({ personId, organizationId }: Actor) {
  assertKnown(personId);
  assertKnown(organizationId);
  return { personId, organizationId };
}
