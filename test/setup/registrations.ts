// More registered parties than the demo has: each a copy of the demo's own with what a test changes.
import { randomBytes } from 'node:crypto';
import { hashSecret } from '../../src/store/secrets.ts';
import { basic, type World } from './world.ts';

type AppRow = NonNullable<Awaited<ReturnType<World['store']['prisma']['app']['findUnique']>>>;

/** A copy of an app under another id. */
export async function registerApp(world: World, like: string, changes: Partial<AppRow>): Promise<string> {
  const { prisma } = world.store;
  const { jwks, ...app } = await prisma.app.findUniqueOrThrow({ where: { id: like } });
  const id = `app-${randomBytes(6).toString('hex')}`;
  const copy = { ...app, jwks, ...changes, id } as AppRow;
  await prisma.app.create({ data: { ...copy, jwks: copy.jwks ?? undefined } });
  return id;
}

export interface SecretClient {
  readonly id: string;
  readonly secret: string;
}

/** A client that proves who it is with a secret (SMART client-confidential-symmetric). */
export async function registerSecretClient(
  world: World,
  changes: Partial<AppRow> = {},
  like = world.clientId,
): Promise<SecretClient> {
  const secret = randomBytes(24).toString('base64url');
  const credentials = { jwks: null, authMethod: 'client_secret_basic', secretHash: await hashSecret(secret) };
  return { id: await registerApp(world, like, { ...credentials, ...changes }), secret };
}

export interface ResourceServer {
  readonly id: string;
  readonly secret: string;
  readonly fhirBase: string;
}

/** A FHIR server of another operator, with one base of its own. */
export async function registerResourceServer(world: World): Promise<ResourceServer> {
  const id = `fhir-${randomBytes(6).toString('hex')}`;
  const secret = randomBytes(24).toString('base64url');
  const fhirBase = `https://${id}.example/fhir`;
  await world.store.prisma.resourceServer.create({
    data: {
      ...{ id, name: 'Another FHIR server', secretHash: await hashSecret(secret) },
      fhirBases: { create: { url: fhirBase, slug: id } },
    },
  });
  return { id, secret, fhirBase };
}

/** RFC 7662 §2.1, as the given resource server. */
export function introspectAs(
  world: World,
  { id, secret }: { readonly id: string; readonly secret: string },
  token: string,
): Promise<Response> {
  return fetch(`${world.issuer}/introspect`, {
    method: 'POST',
    headers: { authorization: basic(id, secret) },
    body: new URLSearchParams({ token }),
  });
}
