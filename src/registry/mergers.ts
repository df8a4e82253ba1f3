import { z } from 'zod';
import type { Actor } from '../policy/permissions.ts';
import { type AppRow, holdAppRow } from '../store/app-records.ts';
import { listAppsOf } from '../store/app-standing.ts';
import { findOpenTransfer } from '../store/app-transfers.ts';
import { findOrganizationRow, holdOrganization, markOrganization } from '../store/organizations.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { identifier, readInput, refuseFaults } from './input.ts';
import { destinationFaults, finishMerger } from './moves.ts';
import { propose } from './transfers.ts';

export const merger = z.strictObject({
  intoId: identifier,
  newOwnerId: identifier,
  newContractId: identifier.nullable().default(null),
});

/** Hundreds of apps are moved on their way in one transaction. */
const TIMEOUT_MS = 30_000;

/**
 * Input: {intoId, newOwnerId, newContractId}. Each app that is not on its way already is proposed to the new owner; the
 * organization is merged when the last of them has moved, or was offboarded.
 */
export async function mergeOrganizations(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<{ readonly transferIds: readonly string[] }> {
  assertMay(actor, 'organization.merge', { organizationId });
  const { intoId, ...owner } = readInput(merger, input);
  const to = { toOrganizationId: intoId, ...owner };
  return deps.store.prisma.$transaction(
    async (tx) => {
      assertKnown(await findOrganizationRow(tx, organizationId));
      // Apps are held before their organization, as by every transfer: neither waits for the other in a circle.
      const apps: AppRow[] = [];
      for (const { id } of await listAppsOf(tx, organizationId)) {
        const app = await holdAppRow(tx, id);
        if (app?.organizationId === organizationId && app.offboardedAt === null) apps.push(app);
      }
      await holdOrganization(tx, organizationId);
      const environment = apps.some((app) => app.environment === 'production') ? 'production' : 'sandbox';
      const faults = await destinationFaults(tx, { organizationId, environment }, to);
      refuseFaults(faults.map(inMerger));
      const still = { mergedIntoId: null, offboardedAt: null };
      assertChanged(await markOrganization(tx, organizationId, still, { mergedIntoId: intoId }));
      const detail = { intoId, before: { mergedIntoId: null }, after: { mergedIntoId: intoId } };
      await record(tx, actor, { type: 'organization.merging', organizationId, detail });
      const transferIds: string[] = [];
      for (const app of apps)
        if ((await findOpenTransfer(tx, app.id)) === null)
          transferIds.push(await propose(tx, actor, app, to));
      await finishMerger(tx, actor, organizationId);
      return { transferIds };
    },
    { timeout: TIMEOUT_MS },
  );
}

const inMerger = <Fault extends { readonly field: string }>(fault: Fault): Fault => ({
  ...fault,
  field: fault.field === 'toOrganizationId' ? 'intoId' : fault.field,
});
