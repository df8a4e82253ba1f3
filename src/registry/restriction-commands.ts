// Restrictions as people make, lift and confirm them.
import { z } from 'zod';
import { isSettledByOwner } from '../policy/governance.ts';
import { type Actor, authorOf, byPolicy } from '../policy/permissions.ts';
import { formatScopes, MAX_SCOPE_COUNT, parseScopes } from '../smart/scope.ts';
import { findAppKey } from '../store/app-keys.ts';
import { findAppRow, holdAppRow } from '../store/app-records.ts';
import { mayName } from '../store/identifier.ts';
import {
  findRestrictionRow,
  listNamedRestrictions,
  listRestrictionRows,
  type NamedRestriction,
  RESTRICTION_KINDS,
} from '../store/restrictions.ts';
import { readableApp } from './app-records.ts';
import { assertChanged, assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { closeFindingIn } from './findings.ts';
import { because, fault, identifier, list, prose, readInput, refuse } from './input.ts';
import { RegistryRefusal } from './refusal.ts';
import { liftRestriction, type RestrictionRow, restrictApp } from './restrictions.ts';

const scope = z.string().refine((text) => {
  const { scopes, refused } = parseScopes(text);
  return scopes.length === 1 && refused.length === 0;
}, fault('scope_unreadable'));

export const newRestriction = z.strictObject({
  kind: z.enum(RESTRICTION_KINDS),
  scopes: list(scope, MAX_SCOPE_COUNT).default([]),
  keyId: identifier.optional(),
  reason: prose(1_000),
});

/** Input: {kind, scopes?, keyId?, reason}: scopes of a narrowing; a credential of a quarantine that is its alone. */
export async function addRestriction(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<{ readonly restrictionId: string }> {
  await readableApp(deps, actor, appId);
  assertMay(actor, 'app.restrict');
  const { kind, scopes, keyId, reason } = readInput(newRestriction, input);
  if ((kind === 'narrow') !== scopes.length > 0)
    refuse('scopes', scopes.length > 0 ? 'unknown_field' : 'required');
  if (keyId !== undefined && kind !== 'quarantine') refuse('keyId', 'unknown_field');
  return deps.store.prisma.$transaction(async (tx) => {
    assertKnown(await holdAppRow(tx, appId));
    if (keyId !== undefined) assertKnown(await findAppKey(tx, appId, keyId));
    const meant = scopes.map((text) => formatScopes(parseScopes(text).scopes)).join(' ');
    const key = keyId === undefined ? {} : { keyId };
    const id = await restrictApp(tx, deps, { appId, kind, scopes: meant, ...key, reason, by: actor });
    if (id === undefined) throw new RegistryRefusal('state_conflict');
    return { restrictionId: id };
  });
}

/** Input: {reason}. */
export async function endRestriction(
  deps: RegistryDeps,
  actor: Actor,
  restrictionId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'app.lift_restriction');
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const row = mayName(restrictionId) ? await findRestrictionRow(tx, restrictionId) : null;
    assertKnown(row);
    const app = await findAppRow(tx, row.appId);
    const accountableIds = [app?.ownerId, app?.backupOwnerId].filter((id) => typeof id === 'string');
    assertMay(actor, 'app.lift_restriction', { accountableIds });
    assertChanged(await liftRestriction(tx, deps, { restrictionId, reason, by: actor }));
  });
}

/**
 * Input: {reason}: the owner confirms that the app is still needed; who shows the page asked for her passkey. It lifts what
 * was laid because nobody used it; the rest an operator lifts.
 */
export async function confirmApp(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void> {
  const { organizationId } = await readableApp(deps, actor, appId);
  assertMay(actor, 'app.confirm', { organizationId });
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    assertKnown(await holdAppRow(tx, appId));
    const held = (await listNamedRestrictions(tx, { appId, liftedAt: null })).filter(ownerMayEnd);
    assertChanged(held.length > 0);
    for (const { id, findingId } of held) {
      await liftRestriction(tx, deps, { restrictionId: id, reason, by: actor });
      if (findingId !== null) await closeFindingIn(tx, deps, actor, { id: findingId, reason });
    }
  });
}

export interface ShownRestriction extends NamedRestriction {
  readonly ownerMayEnd: boolean;
}

/** What an app may not do, or might not, for pages: who laid it, and whether its owner ends it. */
export async function shownRestrictions(
  deps: RegistryDeps,
  actor: Actor,
  about: { readonly appId: string; readonly liftedAt?: null },
): Promise<readonly ShownRestriction[]> {
  await readableApp(deps, actor, about.appId);
  const rows = await listNamedRestrictions(deps.store.prisma, about);
  return rows.map((row) => ({ ...row, ownerMayEnd: ownerMayEnd(row) }));
}

/** A rule laid it that asks for use; what a person or another rule laid is not hers to end. */
const ownerMayEnd = ({ kind, rule, madeBy }: NamedRestriction) =>
  kind !== 'narrow' && rule !== null && isSettledByOwner(rule) && madeBy === authorOf(byPolicy);

/** Of an app that the actor may know of, the last one first. */
export async function listRestrictions(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
): Promise<readonly RestrictionRow[]> {
  await readableApp(deps, actor, appId);
  return listRestrictionRows(deps.store.prisma, { appId });
}
