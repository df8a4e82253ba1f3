import { z } from 'zod';
import { daysAfter } from '../policy/days.ts';
import { ENVIRONMENTS, type Environment } from '../policy/environments.ts';
import { type Actor, authorOf, isVendor } from '../policy/permissions.ts';
import type { Transaction } from '../store/database.ts';
import {
  endInitialAccessTokenRow,
  findInitialAccessTokenRow,
  findLiveInitialAccessToken,
  insertInitialAccessToken,
  listInitialAccessTokenRows,
  takeUse,
} from '../store/initial-access-tokens.ts';
import { findOrganizationRow } from '../store/organizations.ts';
import { findColleague } from '../store/people.ts';
import { drawToken, hashOfToken } from './bearer-tokens.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, because, identifier, readInput, refuse } from './input.ts';
import { actorWhoWorks } from './person-records.ts';

export interface InitialAccessTokenRow {
  /** SHA-256 of the token, hex. */
  readonly id: string;
  readonly organizationId: string;
  readonly ownerId: string;
  readonly environment: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly usesLeft: number;
  readonly revokedAt: Date | null;
}

export const newInitialAccessToken = z.strictObject({
  organizationId: identifier,
  ownerId: identifier,
  environment: z.enum(ENVIRONMENTS),
  days: z.int().min(1).max(90).default(30),
  uses: z.int().min(1).max(1_000).default(1),
});

/** Input: {organizationId, ownerId, environment, days?, uses?}. Shown once (RFC 7591 §3). */
export async function createInitialAccessToken(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly token: string; readonly id: string; readonly expiresAt: Date }> {
  assertMay(actor, 'initial_access_token.manage');
  const { organizationId, ownerId, environment, days, uses } = readInput(newInitialAccessToken, input);
  const { token, tokenHash: id } = drawToken('iat');
  const createdAt = new Date();
  const expiresAt = daysAfter(createdAt, days);
  await deps.store.prisma.$transaction(async (tx) => {
    const organization = await findOrganizationRow(tx, organizationId);
    if (organization?.offboardedAt !== null) refuse('organizationId', 'organization_unknown', organizationId);
    if (environment === 'production' && organization.admittedAt === null)
      refuse('environment', 'organization_not_admitted');
    const owner = await findColleague(tx, organizationId, ownerId);
    if (owner === null) refuse('ownerId', 'person_unknown', ownerId);
    if (!owner.roles.includes('owner')) refuse('ownerId', 'person_not_owner', ownerId);
    const life = { createdAt, createdBy: authorOf(actor), expiresAt, usesLeft: uses };
    await insertInitialAccessToken(tx, { id, organizationId, ownerId, environment, ...life });
    const detail = { tokenId: id, ownerId, environment, uses };
    await record(tx, actor, { type: 'initial_access_token.created', organizationId, detail });
  });
  return { token, id, expiresAt };
}

/** Input: {reason}. */
export async function endInitialAccessToken(
  deps: RegistryDeps,
  actor: Actor,
  tokenId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'initial_access_token.manage');
  const token = await findInitialAccessTokenRow(deps.store.prisma, tokenId);
  assertKnown(token);
  const { organizationId } = token;
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const now = new Date();
    assertChanged(await endInitialAccessTokenRow(tx, tokenId, now));
    const detail = { tokenId, ...turned('revokedAt', null, now), reason };
    await record(tx, actor, { type: 'initial_access_token.ended', organizationId, detail });
  });
}

/** Newest first. */
export async function listInitialAccessTokens(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<readonly InitialAccessTokenRow[]> {
  assertMay(actor, 'initial_access_token.manage', { organizationId });
  assertFindable({ organizationId });
  return listInitialAccessTokenRows(deps.store, organizationId);
}

export interface Registrar {
  readonly tokenId: string;
  /** The owner whom the token is bound to. */
  readonly actor: Actor;
  readonly environment: Environment;
}

/** For /register: who registers with it; undefined: nobody. */
export async function registrarOf(deps: RegistryDeps, token: string): Promise<Registrar | undefined> {
  const id = hashOfToken('iat', token);
  const row = id === undefined ? null : await findLiveInitialAccessToken(deps.store.prisma, id);
  const actor = row === null ? undefined : await registrationActor(deps, row.ownerId);
  if (row === null || actor?.organizationId !== row.organizationId) return undefined;
  const environment = row.environment === 'production' ? 'production' : 'sandbox';
  return { tokenId: row.id, actor, environment };
}

/** Who answers for what is registered by machine, while she could do it in the portal: with the roles that she has now. */
export async function registrationActor(deps: RegistryDeps, personId: string): Promise<Actor | undefined> {
  const actor = await actorWhoWorks(deps, personId, 'registration');
  // What else she may, as an operator for one, she does in person.
  const roles = actor?.roles.filter(isVendor) ?? [];
  return actor === undefined || roles.length === 0 ? undefined : { ...actor, roles };
}

/** Takes one use in the transaction of the registration: what is refused uses nothing up. */
export async function takeInitialAccessToken(tx: Transaction, tokenId: string): Promise<void> {
  assertChanged(await takeUse(tx, tokenId));
}
