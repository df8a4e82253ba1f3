// The rows of the invented network: organizations with people and contracts, FHIR servers, apps with revisions and reviews.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { skeletonOf } from '../policy/names.ts';
import type { Revision } from '../policy/revision.ts';
import { readRevision } from '../registry/revision-input.ts';
import { type GeneratedApp, generatedApps } from './generated-apps.ts';
import { FIRST_NAMES, generatedOrganizations, LAST_NAMES } from './generated-names.ts';
import { revisionFor } from './generated-purposes.ts';
import { DEMO_OPERATOR } from './seed-staff.ts';

const DAY_MS = 24 * 3_600_000;

/** The same for the same words, from 0 up to, but not including, `below`. */
export const chosen = (words: string, below: number): number =>
  createHash('sha256').update(words).digest().readUInt32BE() % below;

const inDays = (now: Date, days: number) => new Date(now.getTime() + days * DAY_MS);
const active = generatedOrganizations.filter(({ kind }) => kind !== 'subprocessor');

export const organizationRows = (now: Date) =>
  generatedOrganizations.map(({ id, legalName, kind }) => ({
    ...{ id, legalName, kind, nameSkeleton: skeletonOf(legalName) },
    ...{ createdAt: inDays(now, -500), admittedAt: kind === 'subprocessor' ? null : inDays(now, -480) },
    contacts: [{ role: 'privacy', name: 'Privacy office', email: `privacy@${id}.example` }],
  }));

/** Two for each organization: who answers, and who stands in. */
export const personRows = (now: Date) =>
  active.flatMap(({ id: organizationId }, n) =>
    (['owner', 'backup'] as const).map((part, second) => {
      const first = FIRST_NAMES[(n * 5 + second * 23) % FIRST_NAMES.length] ?? '';
      const name = `${first} ${LAST_NAMES[(n * 3 + second * 17) % LAST_NAMES.length]}`;
      const email = `${first.toLowerCase()}@${organizationId}.example`;
      const userHandle = randomBytes(32).toString('base64url');
      return {
        id: `${organizationId}-${part}`,
        ...{ organizationId, name, email, userHandle, createdAt: inDays(now, -490) },
      };
    }),
  );

export const roleRows = () =>
  active.flatMap(({ id }) =>
    [
      { personId: `${id}-owner`, role: 'owner' },
      { personId: `${id}-backup`, role: 'developer' },
    ].map((row) => ({ ...row, id: `${row.personId}-${row.role}`, grantedBy: 'demo' })),
  );

/** Nobody holds their other halves: who is invited makes one of her own. */
export const passkeyRows = (now: Date) =>
  active.flatMap(({ id }, n) =>
    (n % 12 === 4 ? ['owner'] : ['owner', 'backup']).map((part) => ({
      ...{ id: `invented-${id}-${part}`, personId: `${id}-${part}`, publicKey: Buffer.of(0), counter: 0 },
      ...{ backupEligible: true, backedUp: true, aaguid: '00000000-0000-0000-0000-000000000000' },
      ...{ createdAt: inDays(now, -400), lastUsedAt: inDays(now, -chosen(`seen ${id}`, 20)) },
    })),
  );

const endOf = (organizationId: string) =>
  generatedApps.some(
    ({ organization, planted }) => organization.id === organizationId && planted === 'contract_ending',
  )
    ? 21
    : 100 + chosen(`contract ${organizationId}`, 600);

export const contractRows = (now: Date) =>
  active.map(({ id }, n) => ({
    ...{ id: `${id}-contract`, organizationId: id, reference: `Data use agreement 2025-${String(n + 101)}` },
    ...{ startsAt: inDays(now, -480), endsAt: inDays(now, endOf(id)) },
  }));

const providers = active.filter(({ kind }) => kind === 'provider').slice(0, 4);

export const serverRows = (now: Date) =>
  providers.map(({ id, legalName }) => ({
    ...{ id: `${id}-fhir`, name: `${legalName} FHIR server`, organizationId: id, ownerId: `${id}-owner` },
    ...{ jwks: { keys: [newPublicKey()] }, createdAt: inDays(now, -470) },
  }));

export const baseRows = () =>
  providers.flatMap(({ id }) =>
    (['production', 'sandbox'] as const).map((environment) => ({
      ...{ environment, resourceServerId: `${id}-fhir`, slug: `${id}-${environment}` },
      url: baseOf(id, environment),
    })),
  );

const baseOf = (id: string, environment: 'production' | 'sandbox') =>
  `https://${environment === 'sandbox' ? 'sandbox' : 'fhir'}.${id}.example/r4`;

export const productionBases = providers.map(({ id }) => baseOf(id, 'production'));

/** Which server the app reads first, and from there on how many. */
export function placesOf({ n, state }: GeneratedApp) {
  const count = n % 4 === 0 ? 2 : 1;
  const some = Array.from({ length: count }, (_, k) => providers[(n + k) % providers.length]?.id ?? '');
  const environment = state === 'sandbox' ? 'sandbox' : 'production';
  return { serverId: `${some[0]}-fhir`, audiences: some.map((id) => baseOf(id, environment)) };
}

/** In days: what is on its way is young; a few sandboxes are forgotten. */
function agesOf({ id, n, state }: GeneratedApp): number {
  if (state === 'in_review' || state === 'new') return 2 + (n % 9);
  if (state === 'sandbox' && n % 18 !== 5) return 4 + (n % 25);
  return 90 + chosen(`app ${id}`, 260);
}

export function appRow(app: GeneratedApp, now: Date) {
  const { id, n, state, planted } = app;
  const organizationId = app.organization.id;
  const isApproved = ['acting', 'suspended', 'offboarded'].includes(state);
  const created = -agesOf(app);
  return {
    ...{ id, organizationId, environment: state === 'sandbox' ? 'sandbox' : 'production' },
    ownerId: planted === 'owner_missing' ? null : `${organizationId}-owner`,
    backupOwnerId: planted === 'owner_missing' || n % 17 === 9 ? null : `${organizationId}-backup`,
    contractId: state === 'sandbox' || state === 'new' ? null : `${organizationId}-contract`,
    ...{ registeredThrough: 'demo', createdAt: inDays(now, created) },
    reviewedAt: isApproved ? inDays(now, created + 4) : null,
    attestationDueAt: isApproved ? inDays(now, created + 369) : null,
    suspendedAt: state === 'suspended' ? inDays(now, -6) : null,
    offboardedAt: state === 'offboarded' ? inDays(now, -12) : null,
  };
}

/** The most: far more than what it is for. */
const WIDE = 'launch/patient openid fhirUser offline_access patient/*.rs';

export function revisionRow(app: GeneratedApp, now: Date) {
  const { id, organization, purpose } = app;
  const { audiences } = placesOf(app);
  const input = revisionFor(purpose, { id, brand: organization.brand, audiences });
  const { given, faults } = readRevision(
    app.planted === 'over_scoped'
      ? { ...input, scopeCeiling: WIDE, useCase: { ...input.useCase, categories: ['everything'] } }
      : input,
  );
  if (faults.length > 0) throw new Error(`the demo's ${id}: ${faults[0]?.field} ${faults[0]?.code}`);
  const { subprocessors, ...columns } = given as Revision;
  const row = {
    ...(columns as { [Column in keyof typeof columns]: never }),
    ...{ id: `${id}-1`, appId: id, number: 1, createdBy: 'demo', createdAt: appRow(app, now).createdAt },
    nameSkeleton: skeletonOf((given as Revision).name),
  };
  return { row, subprocessors: subprocessors.map((one) => ({ ...one, revisionId: row.id })) };
}

export function reviewRow(app: GeneratedApp, now: Date) {
  const { createdAt, reviewedAt } = appRow(app, now);
  const closed = reviewedAt === null ? {} : { closedAt: reviewedAt, outcome: 'approved' };
  const about = { id: `${app.id}-review`, revisionId: `${app.id}-1`, appId: app.id };
  const submittedAt = inDays(createdAt, 1);
  return {
    ...{ ...about, submittedAt, submittedBy: `${app.organization.id}-backup`, approvalsNeeded: 1, ...closed },
  };
}

export const decisionRow = (review: ReturnType<typeof reviewRow>) => ({
  ...{ id: `${review.id}-1`, reviewId: review.id, reviewerId: DEMO_OPERATOR, decision: 'approve' },
  decidedAt: inDays(review.submittedAt, 3),
});

export async function keyRow({ id, n }: GeneratedApp, now: Date) {
  const jwk = newPublicKey();
  const thumbprint = await calculateJwkThumbprint(jwk);
  const endsAt = inDays(now, n % 29 === 2 ? 12 : 60 + chosen(`key ${id}`, 270));
  return {
    ...{ id: `${id}-key`, appId: id, kind: 'jwk', kid: thumbprint, thumbprint, jwk: { ...jwk } as object },
    ...{ createdAt: inDays(now, -80), createdBy: 'demo', endsAt, lastUsedAt: inDays(now, -0.1) },
  };
}

/** Nobody holds its other half. */
export const newPublicKey = (): JWK => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }),
  ...{ alg: 'ES384', use: 'sig' },
});
