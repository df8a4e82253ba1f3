import { z } from 'zod';
import { ENVIRONMENTS, type Environment } from '../policy/environments.ts';
import type { Fault } from '../policy/faults.ts';
import type { Actor } from '../policy/permissions.ts';
import { currentContracts } from '../store/app-records.ts';
import { findContractRow } from '../store/contracts.ts';
import { findOrganizationRow, type KeptOrganization } from '../store/organizations.ts';
import { findColleague } from '../store/people.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { faultsOf, identifier } from './input.ts';
import { RegistryRefusal } from './refusal.ts';
import type { RevisionInput } from './revision-input.ts';

export interface NewApp {
  readonly environment: Environment;
  /** Left out: the actor's own. */
  readonly organizationId?: string | undefined;
  /** Left out: the actor herself, where she belongs to the organization. */
  readonly ownerId?: string | undefined;
  readonly backupOwnerId?: string | null | undefined;
  /** Left out in production: the contract of the organization that is in force, where there is one. */
  readonly contractId?: string | null | undefined;
  readonly revision: RevisionInput;
}

export const schema = z.strictObject({
  environment: z.enum(ENVIRONMENTS),
  organizationId: identifier.optional(),
  ownerId: identifier.optional(),
  backupOwnerId: identifier.nullish(),
  contractId: identifier.nullish(),
  revision: z.unknown(),
});

type Envelope = z.infer<typeof schema>;

/** What a new app is bound to, as far as it could be read and found. */
export interface Binding {
  readonly environment: Environment | undefined;
  readonly organization: KeptOrganization | undefined;
  readonly ownerId: string | null;
  readonly backupOwnerId: string | null;
  readonly contractId: string | null;
  readonly revision: unknown;
  readonly faults: readonly Fault[];
}

/** Refuses at once who may not; what is wrong otherwise comes back, to be told with the faults of the revision. */
export async function bind(deps: RegistryDeps, actor: Actor, input: unknown): Promise<Binding> {
  const { prisma: db } = deps.store;
  const read = schema.safeParse(input, { reportInput: true });
  const unread = read.success ? [] : read.error.issues.flatMap(faultsOf);
  const given = (read.success ? read.data : readable(input)) as Partial<Envelope>;
  const organizationId = given.organizationId ?? actor.organizationId;
  assertMay(actor, 'app.create', organizationId === null ? {} : { organizationId });
  const organization =
    organizationId === null ? undefined : ((await findOrganizationRow(db, organizationId)) ?? undefined);
  const faults = [...unread];
  if (organization === undefined) {
    const value = organizationId === null ? {} : { value: organizationId };
    const code = organizationId === null ? 'required' : 'organization_unknown';
    faults.push({ field: 'organizationId', code, ...value });
  } else assertActive(organization);
  const { environment, revision } = given;
  const own = actor.organizationId === organizationId ? actor.personId : null;
  const bound = {
    ownerId: given.ownerId ?? own,
    backupOwnerId: given.backupOwnerId ?? null,
    contractId: null,
  };
  if (bound.ownerId === null) faults.push({ field: 'ownerId', code: 'required' });
  if (organization === undefined) return { environment, organization, ...bound, revision, faults };
  const contract = await contractOf(deps, organization.id, given);
  faults.push(
    ...(environment === 'production' && organization.admittedAt === null
      ? [{ field: 'environment', code: 'organization_not_admitted' } as const]
      : []),
    ...(await peopleFaults(deps, organization.id, bound)),
    ...contract.faults,
  );
  return { environment, organization, ...bound, contractId: contract.id, revision, faults };
}

/** No new apps for one that is stopped or on its way into another. */
function assertActive({ offboardedAt, suspendedAt, mergedIntoId }: KeptOrganization): void {
  if (offboardedAt !== null || suspendedAt !== null || mergedIntoId !== null)
    throw new RegistryRefusal('state_conflict');
}

const isObject = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

/** The fields that can be read, of what cannot be read as a whole. */
function readable(input: unknown): Partial<Envelope> {
  if (!isObject(input)) return {};
  const parts = Object.entries(schema.shape).flatMap(([field, part]) => {
    const read = part.safeParse(input[field]);
    return read.success ? [[field, read.data] as const] : [];
  });
  return Object.fromEntries(parts);
}

interface Accountable {
  readonly ownerId: string | null;
  readonly backupOwnerId: string | null;
}

/** An owner who works for the organization, and a backup who is somebody else. */
async function peopleFaults(
  { store: { prisma } }: RegistryDeps,
  organizationId: string,
  { ownerId, backupOwnerId }: Accountable,
): Promise<Fault[]> {
  const check = async (field: string, id: string): Promise<Fault[]> =>
    (await findColleague(prisma, organizationId, id)) === null
      ? [{ field, code: 'person_unknown', value: id }]
      : [];
  return [
    ...(ownerId === null ? [] : await check('ownerId', ownerId)),
    ...(backupOwnerId === null ? [] : await check('backupOwnerId', backupOwnerId)),
    ...(ownerId !== null && ownerId === backupOwnerId
      ? [{ field: 'backupOwnerId', code: 'person_twice', value: backupOwnerId } as const]
      : []),
  ];
}

async function contractOf(
  { store: { prisma } }: RegistryDeps,
  organizationId: string,
  { contractId, environment }: Partial<Envelope>,
): Promise<{ readonly id: string | null; readonly faults: readonly Fault[] }> {
  const now = new Date();
  if (typeof contractId === 'string') {
    const found = await findContractRow(prisma, contractId);
    const known = found !== null && found.organizationId === organizationId && now < found.endsAt;
    const faults = known
      ? []
      : [{ field: 'contractId', code: 'contract_unknown', value: contractId } as const];
    return { id: contractId, faults };
  }
  if (environment !== 'production') return { id: null, faults: [] };
  const [only, ...others] = await currentContracts(prisma, organizationId, now);
  const id = others.length === 0 ? (only?.id ?? null) : null;
  return { id, faults: id === null ? [{ field: 'contractId', code: 'required' }] : [] };
}
