import { z } from 'zod';
import { daysAfter } from '../policy/days.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { findOrganizationRow } from '../store/organizations.ts';
import {
  countLiveScimTokens,
  endScimTokenRow,
  findScimTokenRow,
  insertScimToken,
  listScimTokenRows,
  useScimToken,
} from '../store/scim-tokens.ts';
import { drawToken, hashOfToken } from './bearer-tokens.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, because, line, readInput, refuse } from './input.ts';

export interface ScimTokenRow {
  /** SHA-256 of the token, hex. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const DAYS_MAX = 365;
const LIVE_MAX = 5;

export const newScimToken = z.strictObject({
  name: line(80),
  days: z.int().min(1).max(DAYS_MAX).default(DAYS_MAX),
});

/** Input: {name, days?}. Shown once. One that an owner makes ends the work of owners and developers alone. */
export async function createScimToken(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<{ readonly token: string; readonly id: string; readonly expiresAt: Date }> {
  assertMay(actor, 'scim_token.manage', { organizationId });
  const { name, days } = readInput(newScimToken, input);
  const { token, tokenHash: id } = drawToken('scim');
  const createdAt = new Date();
  const expiresAt = daysAfter(createdAt, days);
  await deps.store.prisma.$transaction(async (tx) => {
    const organization = await findOrganizationRow(tx, organizationId);
    assertKnown(organization);
    if (organization.offboardedAt !== null) refuse('organizationId', 'organization_unknown', organizationId);
    if ((await countLiveScimTokens(tx, organizationId, createdAt)) >= LIVE_MAX) refuse('name', 'too_many');
    const by = { createdBy: authorOf(actor), byOperator: actor.roles.includes('operator') };
    await insertScimToken(tx, { id, organizationId, name, createdAt, expiresAt, ...by });
    await record(tx, actor, { type: 'scim_token.created', organizationId, detail: { tokenId: id, name } });
  });
  return { token, id, expiresAt };
}

/** Input: {reason}. */
export async function endScimToken(
  deps: RegistryDeps,
  actor: Actor,
  tokenId: string,
  input: unknown,
): Promise<void> {
  const token = await findScimTokenRow(deps.store, tokenId);
  assertKnown(token);
  const { organizationId, name } = token;
  assertMay(actor, 'scim_token.manage', { organizationId });
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const now = new Date();
    assertChanged(await endScimTokenRow(tx, tokenId, now));
    const detail = { tokenId, name, ...turned('revokedAt', null, now), reason };
    await record(tx, actor, { type: 'scim_token.ended', organizationId, detail });
  });
}

/** Newest first. */
export async function listScimTokens(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<readonly ScimTokenRow[]> {
  assertMay(actor, 'scim_token.manage', { organizationId });
  assertFindable({ organizationId });
  const rows = await listScimTokenRows(deps.store, organizationId);
  return rows.map(({ organizationId: _, byOperator: __, ...row }) => row);
}

export interface ScimActor extends Actor {
  readonly organizationId: string;
  readonly tokenId: string;
}

/** An organization's directory: it disposes as an owner does, and as an operator where one made the token. */
export async function actorOfScimToken(deps: RegistryDeps, token: string): Promise<ScimActor | undefined> {
  const tokenId = hashOfToken('scim', token);
  const used = tokenId === undefined ? undefined : await useScimToken(deps.store, tokenId);
  if (tokenId === undefined || used === undefined) return undefined;
  const { organizationId, byOperator } = used;
  return { personId: null, organizationId, roles: [byOperator ? 'operator' : 'owner'], via: 'scim', tokenId };
}
