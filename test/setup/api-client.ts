// A machine at the management API, which knows nothing of it but its document.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Role } from '../../src/policy/permissions.ts';
import { createApiToken } from '../../src/registry/api-tokens.ts';
import { registryDeps } from './registry-deps.ts';
import type { World } from './world.ts';

type Members = Record<string, unknown>;

export interface Described {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Members }[];
  readonly requestBody?: { content: { 'application/json': { schema: Members } } };
  readonly responses: Record<string, { content?: Record<string, { schema?: Members }> }>;
}

export interface ApiDocument extends Members {
  readonly operations: readonly Described[];
}

export async function readDocument({ issuer }: Pick<World, 'issuer'>): Promise<ApiDocument> {
  const document = (await (await fetch(`${issuer}/api/v1/openapi.json`)).json()) as Members;
  const paths = document.paths as Record<string, Record<string, Described>>;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ ...described, method, path })),
  );
  return { ...document, operations };
}

/** A person of that organization, with a token of hers. */
export async function apiUser(world: World, organizationId: string, roles: readonly Role[]) {
  const personId = `person-${randomUUID().slice(0, 8)}`;
  const facts = { name: 'A person', email: `${personId}@example.org`, userHandle: randomUUID() };
  const given = roles.map((role) => ({ id: randomUUID(), role, grantedBy: 'test' }));
  await world.store.prisma.person.create({
    data: { id: personId, organizationId, ...facts, roles: { create: given } },
  });
  return { personId, organizationId, token: await apiTokenOf(world, organizationId, personId) };
}

export async function apiTokenOf(world: World, organizationId: string, personId: string): Promise<string> {
  const actor = { personId, organizationId, roles: ['developer'], via: 'portal' } as const;
  await showPasskey(world, personId);
  return (await createApiToken(registryDeps(world), actor, { name: 'a test' })).token;
}

/** She is signed in on a page, and showed her passkey there just now. */
export async function showPasskey({ store }: World, personId: string): Promise<void> {
  const verifiedAt = new Date(Date.now() + store.clock.offsetMs);
  const expiresAt = new Date(verifiedAt.getTime() + 12 * 3_600_000);
  const session = { id: randomUUID(), personId, verifiedAt, seenAt: verifiedAt, expiresAt };
  await store.prisma.staffSession.create({ data: session });
}

export interface Asked {
  readonly at?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Members;
  readonly text: string;
}

export async function send(
  { issuer }: Pick<World, 'issuer'>,
  token: string | undefined,
  { method, path }: Pick<Described, 'method' | 'path'>,
  { at = {}, query = {}, body }: Asked = {},
): Promise<ApiAnswer> {
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? 'nothing'));
  const search = new URLSearchParams(query).toString();
  const response = await fetch(`${issuer}/api/v1${place}${search === '' ? '' : `?${search}`}`, {
    method: method.toUpperCase(),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get('content-type')?.startsWith('application/json') === true;
  return { status, headers, text, body: isJson ? JSON.parse(text) : {} };
}

/** What is wrong with an answer, measured by what the document says of it. */
export function answerFaults({ responses }: Described, { status, body, headers }: ApiAnswer): unknown[] {
  const described = responses[status];
  if (described === undefined) return [`the document knows no ${status}`];
  const [type, content] = Object.entries(described.content ?? {}).find(([media]) =>
    headers.get('content-type')?.startsWith(media),
  ) ?? [undefined, undefined];
  if (type === undefined) return described.content === undefined ? [] : ['the document knows no such type'];
  if (content?.schema === undefined || '$ref' in content.schema) return [];
  return z.fromJSONSchema(content.schema as never).safeParse(body).error?.issues ?? [];
}
