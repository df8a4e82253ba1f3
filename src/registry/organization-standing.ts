import type { Actor } from '../policy/permissions.ts';
import { reachOf } from '../store/blast-radius.ts';
import { cutOff } from '../store/cut-offs.ts';
import type { Transaction } from '../store/database.ts';
import { findOrganizationRow, markOrganization } from '../store/organizations.ts';
import { endsLastOperator } from '../store/people.ts';
import { noteUnusableOrganization } from '../store/unusable-apps.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, readInput } from './input.ts';
import { endForGood } from './offboarding-record.ts';

type Turn = 'organization.suspended' | 'organization.resumed' | 'organization.offboarded';

/**
 * Input: {reason}. Its apps stop and its people are signed out, both at the next request: what was issued is over, consents
 * wait.
 */
export async function suspendOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void> {
  await turn(deps, actor, organizationId, 'organization.suspended', input, (tx, now) =>
    markOrganization(tx, organizationId, { suspendedAt: null, offboardedAt: null }, { suspendedAt: now }),
  );
}

/** Input: {reason}. */
export async function resumeOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void> {
  const isSuspended = { suspendedAt: { not: null }, offboardedAt: null };
  await turn(deps, actor, organizationId, 'organization.resumed', input, async (tx) => {
    await noteUnusableOrganization(tx, deps.store, organizationId);
    return markOrganization(tx, organizationId, isSuspended, { suspendedAt: null });
  });
}

/** Input: {reason}. For good: access ends, records stay. */
export async function offboardOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void> {
  await turn(deps, actor, organizationId, 'organization.offboarded', input, (tx, now) =>
    markOrganization(tx, organizationId, { offboardedAt: null }, { offboardedAt: now }),
  );
}

const ACTIONS = {
  'organization.suspended': 'organization.suspend',
  'organization.resumed': 'organization.resume',
  'organization.offboarded': 'organization.offboard',
} as const;

async function turn(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  type: Turn,
  input: unknown,
  mark: (tx: Transaction, now: Date) => Promise<boolean>,
): Promise<void> {
  assertMay(actor, ACTIONS[type], { organizationId });
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const organization = await findOrganizationRow(tx, organizationId);
    assertKnown(organization);
    const ends = type !== 'organization.resumed' && (await endsLastOperator(tx, { organizationId }));
    assertMay(actor, ACTIONS[type], { organizationId, endsLastOperator: ends });
    const endsGrants = type === 'organization.offboarded';
    const reach = endsGrants ? await reachOf(tx, deps.store, 'organization', organizationId) : undefined;
    const now = new Date();
    assertChanged(await mark(tx, now));
    const field = endsGrants ? 'offboardedAt' : 'suspendedAt';
    const turn = turned(field, organization[field], type === 'organization.resumed' ? null : now);
    await record(tx, actor, { type, organizationId, detail: { ...turn, reason } });
    if (type === 'organization.resumed') return;
    const cut = { kind: 'organization', subjectIds: [organizationId], endsGrants, cause: type } as const;
    if (reach === undefined) await cutOff(tx, deps.store, cut);
    else {
      const subject = { subjectId: organizationId, subjectName: organization.legalName, organizationId };
      await endForGood(tx, deps, actor, { kind: 'organization', ...subject, reason, reach, cut });
    }
  });
}
