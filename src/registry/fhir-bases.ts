import { z } from 'zod';
import { ADDRESS_MAX, addressFault } from '../policy/addresses.ts';
import { ENVIRONMENTS } from '../policy/environments.ts';
import type { Fault } from '../policy/faults.ts';
import type { Actor } from '../policy/permissions.ts';
import type { Transaction } from '../store/database.ts';
import {
  findResourceServerRow,
  insertFhirBase,
  type ResourceServerRow,
} from '../store/resource-server-records.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { fault, readInput, refuseFaults } from './input.ts';

export const fhirBase = z.strictObject({
  url: z.string().min(1).max(ADDRESS_MAX),
  /** Its place among our own addresses: /fhir-bases/<slug>/... */
  slug: z
    .string()
    .refine((slug) => /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(slug), fault('slug_unreadable')),
  environment: z.enum(ENVIRONMENTS),
});

/** Input: {url, slug, environment}. */
export async function addFhirBase(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'server.manage');
  const given = readInput(fhirBase, input);
  refuseFaults(baseFaults(given, ''));
  await deps.store.prisma.$transaction(async (tx) => {
    await addBase(tx, actor, aboutServer(await knownServer(tx, resourceServerId)), given, '');
  });
}

type Base = z.infer<typeof fhirBase>;

export function baseFaults({ url, environment }: Base, field: string): Fault[] {
  const code = addressFault(url, 'fetched', { sandbox: environment === 'sandbox', native: false });
  if (code !== undefined) return [{ field: `${field}url`, code, value: url }];
  // FHIR §3.1.0.1.2: paths are appended to it.
  const bare = !url.endsWith('/') && !url.includes('?');
  return bare ? [] : [{ field: `${field}url`, code: 'url_not_canonical', value: url }];
}

/** Of a server that is there, a base without faults. */
export async function addBase(
  tx: Transaction,
  actor: Actor,
  about: ReturnType<typeof aboutServer>,
  given: Base,
  field: string,
): Promise<void> {
  const added = await insertFhirBase(tx, { ...given, resourceServerId: about.resourceServerId });
  if (!added) refuseFaults([{ field: `${field}url`, code: 'duplicate', value: given.url }]);
  const { url, environment } = given;
  await record(tx, actor, { type: 'fhir_base.added', ...about, detail: { url, environment } });
}

export async function knownServer(tx: Transaction, id: string): Promise<ResourceServerRow> {
  const server = await findResourceServerRow(tx, id);
  assertKnown(server);
  return server;
}

export const aboutServer = (server: { readonly id: string; readonly organizationId: string | null }) => ({
  resourceServerId: server.id,
  ...(server.organizationId === null ? {} : { organizationId: server.organizationId }),
});
