import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../audit-event.ts';
import type { Store, Transaction } from '../store/database.ts';
import { inventUse, putRevisionsInForce, type UseRhythm } from '../store/demo-use.ts';
import { type GeneratedApp, generatedApps } from './generated-apps.ts';
import { FIRST_NAMES, LAST_NAMES } from './generated-names.ts';
import {
  appRow,
  baseRows,
  chosen,
  contractRows,
  decisionRow,
  keyRow,
  organizationRows,
  passkeyRows,
  personRows,
  placesOf,
  productionBases,
  reviewRow,
  revisionRow,
  roleRows,
  serverRows,
} from './generated-registry.ts';

const PATIENTS = 900;
const DAYS = 59;
const TIMEOUT_MS = 60_000;

/** An invented network with sixty days of use, once: what people did with it since stays. */
export async function seedGenerated({ prisma }: Store): Promise<void> {
  const now = new Date();
  await prisma.$transaction(
    async (tx) => {
      const made = await tx.organization.createMany({ data: organizationRows(now), skipDuplicates: true });
      if (made.count === 0) return;
      await tx.person.createMany({ data: personRows(now) });
      await tx.personRole.createMany({ data: roleRows() });
      await tx.passkey.createMany({ data: passkeyRows(now) });
      await tx.contract.createMany({ data: contractRows(now) });
      await tx.resourceServer.createMany({ data: serverRows(now) });
      await tx.fhirBase.createMany({ data: baseRows() });
      await putApps(tx, now);
      const people = { count: PATIENTS, firstNames: FIRST_NAMES, lastNames: LAST_NAMES };
      const used = generatedApps.filter(({ state }) => !['in_review', 'new', 'sandbox'].includes(state));
      const burst = rhythmOf(used.find(({ planted }) => planted === 'burst') as GeneratedApp);
      await inventUse(tx, { ...people, bases: productionBases }, used.map(rhythmOf), burst);
    },
    { timeout: TIMEOUT_MS },
  );
}

async function putApps(tx: Transaction, now: Date): Promise<void> {
  await tx.app.createMany({ data: generatedApps.map((app) => appRow(app, now)) });
  const revisions = generatedApps.map((app) => revisionRow(app, now));
  await tx.appRevision.createMany({ data: revisions.map(({ row }) => row) });
  await tx.revisionSubprocessor.createMany({ data: revisions.flatMap((one) => one.subprocessors) });
  await putRevisionsInForce(
    tx,
    generatedApps.map(({ id }) => id),
  );
  const submitted = generatedApps.filter(({ state }) => state !== 'sandbox' && state !== 'new');
  const reviews = submitted.map((app) => reviewRow(app, now));
  await tx.review.createMany({ data: reviews });
  const closed = reviews.filter((review) => 'closedAt' in review);
  await tx.reviewDecision.createMany({ data: closed.map(decisionRow) });
  const keyed = generatedApps.filter(
    ({ purpose, state }) =>
      state !== 'offboarded' && !(purpose.asksPeople && purpose.profile === 'interactive'),
  );
  await tx.appKey.createMany({ data: await Promise.all(keyed.map((app) => keyRow(app, now))) });
  await tx.auditEvent.createMany({ data: generatedApps.flatMap((app) => eventsOf(app, now)) });
}

/** What the page of each app tells of its life. */
function eventsOf(app: GeneratedApp, now: Date) {
  const { createdAt, reviewedAt, suspendedAt, offboardedAt, environment, attestationDueAt } = appRow(
    app,
    now,
  );
  const about = { appId: app.id, organizationId: app.organization.id };
  const event = (type: AuditEvent['type'], recordedAt: Date | null, detail: object) =>
    recordedAt === null ? [] : [{ ...about, type, recordedAt, detail: { ...detail, via: 'demo' } }];
  const revision = { revisionId: `${app.id}-1`, number: 1 };
  const approval = { ...revision, reviewId: randomUUID(), attestationDueAt };
  return [
    ...event('app.registered', createdAt, { environment }),
    ...event('revision.saved', createdAt, revision),
    ...event('app.approved', reviewedAt, approval),
    ...event('app.suspended', suspendedAt, { reason: 'Its vendor does not answer our questions.' }),
    ...event('app.offboarded', offboardedAt, { reason: 'The vendor has taken the product off the market.' }),
  ];
}

const STOPPED: Readonly<Record<string, number>> = { suspended: 6, offboarded: 12 };

function rhythmOf(app: GeneratedApp): UseRhythm {
  const { id, purpose, state, planted } = app;
  const { serverId, audiences } = placesOf(app);
  const lastDay = planted === 'dormant' ? 96 : (STOPPED[state] ?? 0);
  const isCrowded = planted === 'burst';
  return {
    ...{
      appId: id,
      serverId,
      audience: audiences[0] ?? '',
      rhythm: purpose.rhythm,
      purpose: purpose.purpose,
    },
    scope: revisionRow(app, new Date()).row.scopeCeiling,
    people: purpose.asksPeople ? (isCrowded ? 110 : 12 + chosen(`people ${id}`, 40)) : 0,
    ...{ firstDay: planted === 'dormant' ? 130 : DAYS, lastDay },
    types: planted === 'over_scoped' ? ['Observation'] : [...purpose.categories],
    networks: planted === 'shared_credential' ? 24 : 1,
  };
}
