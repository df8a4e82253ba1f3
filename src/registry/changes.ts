import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { formatScopes, MAX_SCOPE_COUNT, MAX_SCOPE_LENGTH, parseScopes } from '../smart/scope.ts';
import { insertChange, listChangeRows } from '../store/app-changes.ts';
import { holdAppRow } from '../store/app-records.ts';
import { readableApp } from './app-records.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { fault, prose, readInput } from './input.ts';
import { announce } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';

export const CHANGE_KINDS = ['vendor', 'subprocessor', 'module', 'data_flow'] as const;

export interface ChangeRow {
  readonly id: string;
  readonly kind: string;
  readonly description: string;
  readonly affectedScopes: readonly string[];
  readonly recordedAt: Date;
  readonly recordedBy: string;
  readonly clearedAt: Date | null;
  /** The review whose approval cleared it. */
  readonly clearedBy: string | null;
}

const scope = z
  .string()
  .min(1)
  .max(MAX_SCOPE_LENGTH)
  .refine((text) => isOneScope(text), fault('scope_unreadable'));
export const newChange = z.strictObject({
  kind: z.enum(CHANGE_KINDS),
  description: prose(2_000),
  affectedScopes: z.array(scope).min(1).max(MAX_SCOPE_COUNT),
});

/**
 * Input: {kind, description, affectedScopes}. What shares anything with these scopes stops at the next request, until a
 * revision that is submitted after it is approved.
 */
export async function recordChange(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<{ readonly changeId: string }> {
  return deps.store.prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, appId);
    assertKnown(app);
    const { organizationId } = app;
    assertMay(actor, 'app.record_change', { organizationId });
    const { kind, description, affectedScopes } = readInput(newChange, input);
    // In the sandbox nobody approves, so nothing could clear it.
    if (app.offboardedAt !== null || app.environment !== 'production')
      throw new RegistryRefusal('state_conflict');
    const [changeId, recordedAt] = [randomUUID(), new Date()];
    const scopes = [...new Set(affectedScopes.map((text) => formatScopes(parseScopes(text).scopes)))];
    const what = { id: changeId, appId, kind, description, affectedScopes: scopes };
    await insertChange(tx, { ...what, recordedAt, recordedBy: authorOf(actor) });
    const detail = { changeId, kind, scopes };
    await record(tx, actor, { type: 'change.recorded', appId, organizationId, detail });
    const values = { kind, scopes: scopes.join(' ') };
    await announce(tx, { type: 'change.recorded', appId, organizationId, values });
    return { changeId };
  });
}

/** Newest first. */
export async function listChanges(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
): Promise<readonly ChangeRow[]> {
  await readableApp(deps, actor, appId);
  return listChangeRows(deps.store.prisma, appId);
}

function isOneScope(text: string): boolean {
  const { scopes, refused } = parseScopes(text);
  return scopes.length === 1 && refused.length === 0;
}
