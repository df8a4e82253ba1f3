import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { createWebhookSender } from '../outside/webhook.ts';
import { ADDRESS_MAX, addressFault } from '../policy/addresses.ts';
import type { Actor } from '../policy/permissions.ts';
import { findOrganizationRow, holdOrganization, markOrganization } from '../store/organizations.ts';
import { findWebhook, newWebhookSecret, sealWebhookSecret } from '../store/webhooks.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { readInput, refuse } from './input.ts';
import { RegistryRefusal } from './refusal.ts';

export const webhook = z.strictObject({ url: z.string().min(1).max(ADDRESS_MAX) });

/** Its path or query may be what lets us in there. */
const hostOf = (url: string | null) => (url === null ? null : { host: new URL(url).host });

/** Faults of an address that are so for good; one that does not answer today may tomorrow. */
const NEVER = ['url_refused', 'host_unknown', 'address_refused'];

/** Input: {url}. A new secret each time, shown once. */
export async function setWebhook(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<{ readonly secret: string }> {
  assertKnown(await findOrganizationRow(deps.store.prisma, organizationId));
  assertMay(actor, 'organization.change', { organizationId });
  const { url } = readInput(webhook, input);
  // Whether an address of this machine will do is for the fetch to say.
  const found = addressFault(url, 'fetched', { sandbox: true, native: false });
  if (found !== undefined) refuse('url', found, url);
  const tried = await deps.fetch(url, { expect: 'any' });
  if ('fault' in tried && NEVER.includes(tried.fault)) refuse('url', 'url_unreachable', url);
  const secret = newWebhookSecret();
  const sealedWebhookSecret = sealWebhookSecret(deps.sealKey, organizationId, secret);
  await deps.store.prisma.$transaction(async (tx) => {
    const known = await holdOrganization(tx, organizationId);
    assertKnown(known);
    const still = { offboardedAt: null };
    assertChanged(
      await markOrganization(tx, organizationId, still, { webhookUrl: url, sealedWebhookSecret }),
    );
    const detail = { before: hostOf(known.webhookUrl), after: hostOf(url) };
    await record(tx, actor, { type: 'webhook.set', organizationId, detail });
  });
  return { secret };
}

/** Posts a notice about nothing, signed like every other: answers with what went wrong, or null. */
export async function testWebhook(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<{ readonly fault: string | null }> {
  assertKnown(await findOrganizationRow(deps.store.prisma, organizationId));
  assertMay(actor, 'organization.change', { organizationId });
  const webhook = await findWebhook(deps.store, deps.sealKey, organizationId);
  if (webhook === undefined) throw new RegistryRefusal('state_conflict');
  const notice = { type: 'webhook.test', timestamp: new Date().toISOString(), data: { organizationId } };
  const posting = { ...webhook, id: randomUUID(), body: JSON.stringify(notice) };
  return { fault: (await createWebhookSender(deps.fetch)(posting)) ?? null };
}

export async function removeWebhook(deps: RegistryDeps, actor: Actor, organizationId: string): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const known = await holdOrganization(tx, organizationId);
    assertKnown(known);
    assertMay(actor, 'organization.change', { organizationId });
    const without = { webhookUrl: null, sealedWebhookSecret: null };
    assertChanged(await markOrganization(tx, organizationId, { webhookUrl: { not: null } }, without));
    const detail = { before: hostOf(known.webhookUrl), after: null };
    await record(tx, actor, { type: 'webhook.removed', organizationId, detail });
  });
}
