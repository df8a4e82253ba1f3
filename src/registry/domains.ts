import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '../policy/permissions.ts';
import { countClaims, findClaim, insertClaim, listClaims, verifyClaim } from '../store/domain-proofs.ts';
import { holdOrganization } from '../store/organizations.ts';
import { assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, fault, readInput, refuse } from './input.ts';

export interface DomainRow {
  readonly domain: string;
  /** What the file at `url` must hold, and nothing else. */
  readonly code: string;
  readonly url: string;
  readonly createdAt: Date;
  readonly verifiedAt: Date | null;
}

const CLAIMS_MAX = 100;
const PATH = '/.well-known/postern-verification';

/** A host, with its port where that is not the usual one: what stands in a redirect URI. */
export const claim = z.strictObject({
  domain: z
    .string()
    .trim()
    .min(1)
    .max(260)
    .transform((text) => text.toLowerCase())
    .refine(isHost, fault('domain_unreadable')),
});

/** Input: {domain}. Asked again it answers with the same code. */
export async function startDomainProof(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<DomainRow> {
  assertMay(actor, 'domain.prove', { organizationId });
  const { domain } = readInput(claim, input);
  return deps.store.prisma.$transaction(async (tx) => {
    assertKnown(await holdOrganization(tx, organizationId));
    const known = await findClaim(tx, { organizationId, domain });
    if (known !== null) return shown(known);
    if ((await countClaims(tx, organizationId)) >= CLAIMS_MAX) refuse('domain', 'too_many');
    const code = randomBytes(24).toString('base64url');
    const row = { organizationId, domain, code, createdAt: new Date() };
    await insertClaim(tx, row);
    await record(tx, actor, { type: 'domain.claimed', organizationId, detail: { domain } });
    return shown({ ...row, verifiedAt: null });
  });
}

/** Input: {domain}. Looks for the file now. */
export async function verifyDomain(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<DomainRow> {
  assertMay(actor, 'domain.prove', { organizationId });
  const { domain } = readInput(claim, input);
  const known = await findClaim(deps.store.prisma, { organizationId, domain });
  assertKnown(known);
  if (known.verifiedAt !== null) return shown(known);
  const { url } = shown(known);
  const fetched = await deps.fetch(url, { expect: 'any' });
  if ('fault' in fetched || fetched.answer.status !== 200 || fetched.answer.text.trim() !== known.code)
    refuse('domain', 'domain_unverified', domain);
  const verifiedAt = new Date();
  return deps.store.prisma.$transaction(async (tx) => {
    // Of two that look at once one writes.
    if (await verifyClaim(tx, known, verifiedAt))
      await record(tx, actor, {
        ...{ type: 'domain.verified', organizationId },
        detail: { domain, ...turned('verifiedAt', known.verifiedAt, verifiedAt) },
      });
    return shown({ ...known, verifiedAt });
  });
}

export async function listDomains(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<readonly DomainRow[]> {
  assertMay(actor, 'organization.read', { organizationId });
  assertFindable({ organizationId });
  return (await listClaims(deps.store.prisma, organizationId)).map(shown);
}

function shown({ domain, code, createdAt, verifiedAt }: Omit<DomainRow, 'url'>): DomainRow {
  // The fetch alone says whether an address of this machine will do.
  const scheme = /^(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(domain) ? 'http' : 'https';
  return { domain, code, createdAt, verifiedAt, url: `${scheme}://${domain}${PATH}` };
}

/** As a URL would spell it: no path, no user, the port written only where it says something. */
function isHost(text: string): boolean {
  const url = `https://${text}/`;
  return /^[a-z0-9.:[\]-]+$/.test(text) && URL.canParse(url) && new URL(url).href === url;
}
