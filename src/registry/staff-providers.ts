// An organization's OpenID provider, by which its people sign in to the staff pages.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ADDRESS_MAX, addressFault } from '../policy/addresses.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { listClaims } from '../store/domain-proofs.ts';
import { holdOrganization } from '../store/organizations.ts';
import {
  endStaffProvider,
  findDomainProvider,
  findLiveProvider,
  insertStaffProvider,
  listProviderRows,
  type StaffProviderRow,
  sealProviderSecret,
} from '../store/staff-providers.ts';
import { assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, because, line, list, readInput, refuse } from './input.ts';
import { RegistryRefusal } from './refusal.ts';

export const STAFF_PROVIDER_METHODS = ['client_secret_basic', 'client_secret_post'] as const;

export type StaffProvider = StaffProviderRow;

export const staffProvider = z.strictObject({
  issuer: z.string().min(1).max(ADDRESS_MAX),
  clientId: line(300),
  method: z.enum(STAFF_PROVIDER_METHODS).default('client_secret_basic'),
  clientSecret: z.string().min(16).max(500),
  domains: list(
    z
      .string()
      .trim()
      .min(1)
      .max(253)
      .transform((text) => text.toLowerCase()),
    20,
    1,
  ),
  acr: line(300).optional(),
  amr: line(60).optional(),
  required: z.boolean().default(false),
});

type Given = z.output<typeof staffProvider>;

/**
 * Input: {issuer, clientId, method?, clientSecret, domains, acr?, amr?, required?}. In place of the one before; who came by
 * that one signs in anew. One that an owner registers speaks for owners and developers alone, and never takes the place of
 * an operator's.
 */
export async function setStaffProvider(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<{ readonly providerId: string; readonly redirectUri: string }> {
  assertMay(actor, 'staff_provider.manage', { organizationId });
  const given = readInput(staffProvider, input);
  await assertProvider(deps, given);
  const [id, createdAt] = [randomUUID(), new Date()];
  const { clientSecret, acr = null, amr = null, ...rest } = given;
  const terms = { ...rest, acr, amr, coversOversight: actor.roles.includes('operator') };
  await deps.store.prisma.$transaction(async (tx) => {
    const organization = await holdOrganization(tx, organizationId);
    assertKnown(organization);
    if (organization.offboardedAt !== null) throw new RegistryRefusal('state_conflict');
    const proved = (await listClaims(tx, organizationId)).filter(({ verifiedAt }) => verifiedAt !== null);
    given.domains.forEach((domain, index) => {
      if (!proved.some((claim) => claim.domain === domain))
        refuse(`domains.${index}`, 'domain_unverified', domain);
    });
    // Each address leads to one provider.
    if ((await findDomainProvider(tx, given.domains, organizationId)) !== null)
      refuse('domains', 'duplicate');
    const before = await endStaffProvider(tx, organizationId, createdAt);
    assertMayEnd(actor, before);
    const sealedSecret = sealProviderSecret(deps.sealKey, id, clientSecret);
    const made = { createdAt, createdBy: authorOf(actor) };
    await insertStaffProvider(tx, { id, organizationId, ...terms, sealedSecret, ...made });
    const detail = { providerId: id, before: before === undefined ? null : termsOf(before), after: terms };
    await record(tx, actor, { type: 'staff_provider.set', organizationId, detail });
  });
  return { providerId: id, redirectUri: staffRedirectUri(deps.settings.issuer, id) };
}

/** What an operator asks of those who oversee, an owner does not take away. */
function assertMayEnd(actor: Actor, live: StaffProvider | undefined): void {
  if (live?.coversOversight && !actor.roles.includes('operator')) throw new RegistryRefusal('not_allowed');
}

/** What is registered at the provider; each has one of its own (RFC 9700 §4.4.2.2). */
export const staffRedirectUri = (issuer: string, providerId: string): string =>
  `${issuer}/staff/sign-in/callback/${providerId}`;

/** Input: {reason}. Who came by it signs in anew, with a passkey. */
export async function endStaffProviderOf(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'staff_provider.manage', { organizationId });
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    assertKnown(await holdOrganization(tx, organizationId));
    const endedAt = new Date();
    const ended = await endStaffProvider(tx, organizationId, endedAt);
    if (ended === undefined) throw new RegistryRefusal('state_conflict');
    assertMayEnd(actor, ended);
    const turn = turned('endedAt', null, endedAt);
    const detail = { providerId: ended.id, issuer: ended.issuer, ...turn, reason };
    await record(tx, actor, { type: 'staff_provider.ended', organizationId, detail });
  });
}

/** The one in force; null: there is none. */
export async function findStaffProvider(
  { store }: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<StaffProvider | null> {
  assertMay(actor, 'staff_provider.read', { organizationId });
  assertFindable({ organizationId });
  return findLiveProvider(store.prisma, organizationId);
}

/** With those before it, newest first. */
export async function listStaffProviders(
  { store }: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<readonly StaffProvider[]> {
  assertMay(actor, 'staff_provider.read', { organizationId });
  assertFindable({ organizationId });
  return listProviderRows(store.prisma, organizationId);
}

const termsOf = ({
  issuer,
  clientId,
  method,
  domains,
  acr,
  amr,
  required,
  coversOversight,
}: StaffProvider) => ({
  ...{ issuer, clientId, method, domains, acr, amr, required, coversOversight },
});

/** OpenID Connect Discovery §4.3: what is asked there names exactly that issuer. */
async function assertProvider({ fetch }: RegistryDeps, { issuer }: Given): Promise<void> {
  // Whether an address of this machine will do is for the fetch to say.
  const found = addressFault(issuer, 'fetched', { sandbox: true, native: false });
  if (found !== undefined || /[?#]/.test(issuer)) refuse('issuer', found ?? 'url_query', issuer);
  const fetched = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    expect: 'any',
  });
  if ('fault' in fetched || fetched.answer.status !== 200 || issuerIn(fetched.answer.text) !== issuer)
    refuse('issuer', 'url_unreachable', issuer);
}

function issuerIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { issuer?: unknown } | null)?.issuer;
  } catch {
    return undefined;
  }
}
