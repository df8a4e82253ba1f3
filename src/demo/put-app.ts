// Registers an app of the demo, or brings it up to date: a change is a new revision, since revisions are immutable.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Store } from '../store/database.ts';

type Prisma = Store['prisma'];
type RevisionRow = NonNullable<Awaited<ReturnType<Prisma['appRevision']['findFirst']>>>;
type AppRow = NonNullable<Awaited<ReturnType<Prisma['app']['findFirst']>>>;

type Described = 'name' | 'profile' | 'purposeStatement' | 'websiteUrl' | 'redirectUris' | 'launchUris';
type Asked = 'origins' | 'grantTypes' | 'authMethod' | 'audiences' | 'scopeCeiling' | 'purposes';
type Registration = Pick<RevisionRow, Described | Asked | 'maxConsentDays'> & {
  readonly useCase: object;
  readonly dataUse: object;
};

export interface DemoRegistration {
  readonly id: string;
  readonly accountable: Pick<
    AppRow,
    'organizationId' | 'ownerId' | 'contractId' | 'reviewedAt' | 'attestationDueAt' | 'environment'
  >;
  readonly revision: Registration;
  /** Public halves. */
  readonly keys?: readonly JWK[];
}

const YEAR_MS = 365 * 24 * 3_600_000;

export async function putApp(prisma: Prisma, demo: DemoRegistration): Promise<void> {
  const { id, accountable, revision, keys = [] } = demo;
  const app = await prisma.app.upsert({
    where: { id },
    create: { id, ...accountable, registeredThrough: 'demo' },
    update: {},
    include: { revision: true },
  });
  const { revision: inForce } = app;
  const same =
    inForce !== null &&
    Object.entries(revision).every(([name, value]) =>
      isDeepStrictEqual(inForce[name as keyof RevisionRow], value),
    );
  if (!same) {
    const number = (await prisma.appRevision.count({ where: { appId: id } })) + 1;
    const row = { ...revision, id: randomUUID(), appId: id, number, createdBy: 'demo' };
    await prisma.$transaction([
      prisma.appRevision.create({ data: row }),
      prisma.app.update({ where: { id }, data: { revisionId: row.id } }),
    ]);
  }
  for (const jwk of keys) {
    const thumbprint = await calculateJwkThumbprint(jwk);
    const endsAt = new Date(Date.now() + YEAR_MS);
    const key = { kid: jwk.kid, jwk: jwk as object, appId: id, kind: 'jwk', createdBy: 'demo', endsAt };
    await prisma.appKey.upsert({
      where: { thumbprint },
      create: { id: randomUUID(), thumbprint, ...key },
      update: { endsAt },
    });
  }
}
