// Registers an app of the demo, or brings it up to date: a change is a new revision, since revisions are immutable.
import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Actor } from '../policy/permissions.ts';
import type { Revision } from '../policy/revision.ts';
import { record } from '../registry/command.ts';
import { type RevisionInput, readRevision } from '../registry/revision-input.ts';
import { saysTheSame } from '../registry/revisions.ts';
import { putInForce } from '../store/app-records.ts';
import { findRevision, insertRevision } from '../store/app-revisions.ts';
import type { Store, Transaction } from '../store/database.ts';

type AppRow = NonNullable<Awaited<ReturnType<Store['prisma']['app']['findFirst']>>>;

export interface DemoRegistration {
  readonly id: string;
  readonly accountable: Pick<
    AppRow,
    | ('organizationId' | 'ownerId' | 'backupOwnerId' | 'contractId' | 'environment')
    | ('reviewedAt' | 'attestationDueAt')
  >;
  readonly revision: RevisionInput;
  /** Public halves. */
  readonly keys?: readonly JWK[];
}

export const demoOperator: Actor = { personId: null, organizationId: null, roles: ['operator'], via: 'demo' };

const YEAR_MS = 365 * 24 * 3_600_000;

/** What people made of the app since stays, as long as the demo itself says of it what it said before. */
export async function putApp({ prisma }: Store, demo: DemoRegistration): Promise<void> {
  const { id, accountable, keys = [] } = demo;
  const revision = whole(demo);
  await prisma.$transaction(async (tx) => {
    const known = await tx.app.findUnique({ where: { id }, select: { id: true } });
    if (known === null) {
      await tx.app.create({ data: { id, ...accountable, registeredThrough: 'demo' } });
      const { organizationId, environment } = accountable;
      const registered = { type: 'app.registered', appId: id, organizationId } as const;
      await record(tx, demoOperator, { ...registered, detail: { environment } });
    }
    const said = await saidLast(tx, id);
    if (said === null || !saysTheSame(said, revision)) await revise(tx, demo, revision);
  });
  for (const jwk of keys) {
    const thumbprint = await calculateJwkThumbprint(jwk);
    const endsAt = new Date(Date.now() + YEAR_MS);
    const key = { kid: jwk.kid, jwk: jwk as object, appId: id, kind: 'jwk', createdBy: 'demo', endsAt };
    const create = { id: randomUUID(), thumbprint, ...key };
    await prisma.appKey.upsert({ where: { thumbprint }, create, update: {} });
  }
}

function whole({ id, revision }: DemoRegistration): Revision {
  const { given, faults } = readRevision(revision);
  const [fault] = faults;
  if (fault !== undefined) throw new Error(`the demo's ${id}: ${fault.field} ${fault.code}`);
  return given as Revision;
}

async function saidLast(tx: Transaction, appId: string) {
  const where = { appId, createdBy: 'demo' };
  const last = await tx.appRevision.findFirst({
    where,
    orderBy: { number: 'desc' },
    select: { id: true },
  });
  return last === null ? null : findRevision(tx, last.id);
}

async function revise(tx: Transaction, demo: DemoRegistration, revision: Revision): Promise<void> {
  const { id: appId } = demo;
  const [revisionId, number] = [randomUUID(), (await tx.appRevision.count({ where: { appId } })) + 1];
  const about = { id: revisionId, appId, number, createdAt: new Date(), createdBy: 'demo' };
  await insertRevision(tx, about, revision);
  await putInForce(tx, appId, revisionId);
  const { organizationId } = demo.accountable;
  const detail = { revisionId, number };
  await record(tx, demoOperator, { type: 'revision.saved', appId, organizationId, detail });
}
