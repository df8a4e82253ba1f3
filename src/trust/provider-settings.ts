// The identity providers, as the operator describes them in a file. Every fault is found at the start.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { StartError } from '../errors.ts';
import { identityLevels } from '../policy/identity-assurance.ts';

/** A claim by its name, or a path into one: `["address", "postal_code"]`. */
const claim = z.union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).min(1).max(5)]);
const values = z.array(z.string().min(1).max(300)).max(20);
const word = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be a short name: a-z, 0-9 and -');

const secret = z.string().min(16, 'must have at least 16 characters').max(500);
const authentication = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('private_key_jwt'),
    /** RFC 7523 §3 leaves it open; draft-ietf-oauth-rfc7523bis says the issuer, some still the token endpoint. */
    audience: z.enum(['issuer', 'token_endpoint']).default('issuer'),
  }),
  z.strictObject({ method: z.enum(['client_secret_basic', 'client_secret_post']), secret }),
]);

/** OpenID Connect Core §5.1, where it is not said otherwise. */
const claims = z.strictObject({
  givenName: claim.default('given_name'),
  familyName: claim.default('family_name'),
  birthDate: claim.default('birthdate'),
  postalCode: claim.default(['address', 'postal_code']),
  phone: claim.default('phone_number'),
  email: claim.default('email'),
});

const provider = z.strictObject({
  /** In our addresses: the redirect URI is `<issuer>/proofing/callback/<id>`. */
  id: word,
  /** As people know it. */
  name: z.string().min(1).max(60),
  issuer: z.string().refine((value) => URL.canParse(value) && !/[?#]/.test(value), 'must be an issuer URL'),
  clientId: z.string().min(1).max(300),
  authentication,
  scope: z
    .string()
    .regex(/(^| )openid( |$)/, 'must contain openid')
    .default('openid profile email phone address'),
  /** What asks it for a level. */
  acrValues: z.partialRecord(z.enum(identityLevels), z.string().min(1).max(300)).default({}),
  /** Further parameters of the authorization request. */
  parameters: z.record(z.string().max(60), z.string().max(500)).default({}),
  /** How old a sign-in there may be, in seconds; without it that is left to the provider. */
  maxAge: z.int().min(0).max(86_400).optional(),
  idTokenAlgorithm: z.enum(['RS256', 'PS256', 'ES256']).default('RS256'),
  /** Whether it tells who she is at its userinfo endpoint. */
  userinfo: z.boolean().default(true),
  claims: claims.prefault({}),
  /** What it verifies always, and does not say so with each answer (`email_verified`). */
  verifies: z.array(z.enum(['phone', 'email'])).default([]),
  /** Which claim tells how surely, and with which values. */
  level: z.strictObject({
    claim: claim.default('acr'),
    IAL1: values.default([]),
    IAL2: values.default([]),
  }),
  /** What was looked at, in a word (NIST SP 800-63A-4 §2.4): `fair`, `strong`, `superior`. */
  evidenceClass: z.string().min(1).max(40),
  /** How long a proofing lasts. */
  validDays: z.int().min(1).max(3_650),
});

const file = z.strictObject({ providers: z.array(provider).max(10) });

export type ProviderSettings = z.output<typeof provider>;
export type ProviderInput = z.input<typeof provider>;

export async function readProviders(
  path: string | undefined,
  more: readonly ProviderInput[] = [],
): Promise<readonly ProviderSettings[]> {
  const fail = (why: string) => new StartError(`The identity providers in ${path} cannot be used: ${why}.`);
  const inFile = path === undefined ? { providers: [] } : await parsed(path, fail);
  const read = file.safeParse(inFile);
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw fail(faults.join('; '));
  }
  const all = [...read.data.providers, ...more.map((one) => provider.parse(one))];
  const twice = all.find(({ id }, at) => all.findIndex((other) => other.id === id) !== at);
  if (twice !== undefined) throw fail(`two of them are called ${twice.id}`);
  return all;
}

async function parsed(path: string, fail: (why: string) => StartError): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw fail(`the file cannot be read (${cause.code})`);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw fail('it is not JSON');
  }
}
