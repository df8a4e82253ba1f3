// More registered parties than the demo has: each a copy of the demo's own with what a test changes.
import { randomBytes, randomUUID } from 'node:crypto';
import { hashSecret } from '../../src/store/secrets.ts';
import { basic, type World } from './world.ts';

type Prisma = World['store']['prisma'];
type AppRow = NonNullable<Awaited<ReturnType<Prisma['app']['findUnique']>>>;
type RevisionRow = NonNullable<Awaited<ReturnType<Prisma['appRevision']['findUnique']>>>;

export interface Credentials {
  /** Public keys instead of the ones of the app that is copied; null: none. */
  readonly jwks?: { readonly keys: readonly object[] } | null;
  readonly secretHash?: string | null;
}

export type AppChanges = Partial<AppRow> & Partial<Omit<RevisionRow, 'id' | 'createdAt'>> & Credentials;

/** A copy of an app under another id. */
export async function registerApp(world: World, like: string, changes: AppChanges): Promise<string> {
  const { prisma } = world.store;
  const { keys, revision, ...app } = await prisma.app.findUniqueOrThrow({
    where: { id: like },
    include: { keys: true, revision: true },
  });
  const id = `app-${randomBytes(6).toString('hex')}`;
  const { jwks, secretHash, ...rest } = changes;
  const own = pick(app, rest);
  await prisma.app.create({ data: { ...own, id, revisionId: null } });
  await putRevision(prisma, id, {
    ...(revision as RevisionRow),
    ...pick(revision as RevisionRow, rest),
    number: 1,
  });
  const copied = keys.filter(({ kind }) => kind === 'jwk').map(({ jwk }) => jwk as object);
  await putKeys(prisma, id, jwks === undefined ? copied : (jwks?.keys ?? []), secretHash ?? null);
  return id;
}

/** What an app is, changed as an approval would: by a new revision in force. */
export async function changeApp(
  { store: { prisma } }: Pick<World, 'store'>,
  id: string,
  changes: Partial<Omit<RevisionRow, 'id' | 'appId' | 'number' | 'createdAt'>>,
): Promise<void> {
  const { revision } = await prisma.app.findUniqueOrThrow({ where: { id }, include: { revision: true } });
  const number = (await prisma.appRevision.count({ where: { appId: id } })) + 1;
  await putRevision(prisma, id, { ...(revision as RevisionRow), ...changes, number });
}

async function putRevision(prisma: Prisma, appId: string, row: RevisionRow): Promise<void> {
  const id = randomUUID();
  await prisma.appRevision.create({
    data: { ...row, id, appId, useCase: row.useCase as object, dataUse: row.dataUse as object },
  });
  await prisma.app.update({ where: { id: appId }, data: { revisionId: id } });
}

// Copies share keys, which no real apps may: without a thumbprint nothing compares them.
async function putKeys(prisma: Prisma, appId: string, jwks: readonly object[], secretHash: string | null) {
  const common = { appId, createdBy: 'test', endsAt: new Date(Date.now() + 80 * 86_400_000) };
  for (const jwk of jwks) {
    const { kid } = jwk as { kid?: string };
    await prisma.appKey.create({ data: { ...common, id: randomUUID(), kind: 'jwk', kid, jwk } });
  }
  if (secretHash !== null) {
    await prisma.appKey.create({ data: { ...common, id: randomUUID(), kind: 'secret', secretHash } });
  }
}

function pick<Row extends object>(row: Row, changes: object): Row {
  const mine = Object.entries(changes).filter(([name]) => name in row);
  return { ...row, ...Object.fromEntries(mine) };
}

/** The registered public keys of an app. */
export async function keysOf({ store }: Pick<World, 'store'>, appId: string) {
  const rows = await store.prisma.appKey.findMany({
    where: { appId, kind: 'jwk' },
    orderBy: { createdAt: 'asc' },
  });
  return { keys: rows.map(({ jwk }) => jwk as Record<string, unknown>) };
}

/** The hash of an app's or resource server's first secret. */
export async function secretHashOf({ store: { prisma } }: Pick<World, 'store'>, id: string): Promise<string> {
  const key = await prisma.appKey.findFirst({ where: { appId: id, kind: 'secret' } });
  const server = await prisma.resourceServerSecret.findFirst({ where: { resourceServerId: id } });
  return key?.secretHash ?? server?.secretHash ?? '';
}

export interface SecretClient {
  readonly id: string;
  readonly secret: string;
}

/** A client that proves who it is with a secret (SMART client-confidential-symmetric). */
export async function registerSecretClient(
  world: World,
  changes: AppChanges = {},
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
      ...{ id, name: 'Another FHIR server' },
      fhirBases: { create: { url: fhirBase, slug: id } },
      secrets: {
        create: {
          ...{ id: randomUUID(), secretHash: await hashSecret(secret), createdBy: 'test' },
          endsAt: new Date(Date.now() + 80 * 86_400_000),
        },
      },
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
