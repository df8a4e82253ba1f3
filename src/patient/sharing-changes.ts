// What one does about an app from My apps: stop, pause, resume, or say that it was not oneself. Each with what is told of it,
// in one transaction.
import type { Context } from 'koa';
import { openFinding } from '../registry/findings.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import type { Account } from '../store/accounts.ts';
import { confirmCommitted } from '../store/confirmed.ts';
import { type ConsentsChanged, pauseGrants, resumeGrants } from '../store/consent-changes.ts';
import { endGrantsWithin } from '../store/consents.ts';
import type { Transaction } from '../store/database.ts';
import { liveGrantIds } from '../store/seen-consents.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import type { PatientDeps } from './deps.ts';
import { sharingsOf, sharingUrlOf } from './my-apps-facts.ts';
import type { SharingFacts } from './sharing-facts.ts';

interface AboutSharing {
  readonly appId: string;
  readonly patientId: string;
}

/** What stands between a person, an app and the record that the address names. */
export async function sharingWith(
  { store }: PatientDeps,
  ctx: Context,
  personId: string,
): Promise<{ readonly sharing: SharingFacts; readonly about: AboutSharing }> {
  const about = { appId: String(ctx.params.appId), patientId: String(ctx.params.patientId ?? personId) };
  const url = sharingUrlOf(about, personId);
  const now = new Date();
  const sharing = (await sharingsOf(store, personId, now)).find(
    ({ baseUrl, ended, endsAt }) => baseUrl === url && ended === null && endsAt > now,
  );
  if (sharing === undefined) throw new PageError(404, 'not-found');
  return { sharing, about };
}

export interface SharingChanged {
  readonly at: Date;
  /** Ids of audit events. */
  readonly receiptIds: readonly string[];
}

export type SharingChange = 'stop' | 'pause' | 'resume';

/** 404 when another window was first: there is nothing left to change, and its receipt is there. */
export async function changeSharing(
  { store }: PatientDeps,
  person: Account,
  { appId, patientId }: AboutSharing,
  { change, appName }: { readonly change: SharingChange; readonly appName: string },
): Promise<SharingChanged> {
  const grantIds = await liveGrantIds(store, person.id, { appId, patientId });
  const by = patientId === person.id ? 'patient' : 'representative';
  const accountId = person.id;
  const changed = await store.prisma.$transaction(async (tx) => {
    const asked = { grantIds, by, accountId, requestId: requestId() } as const;
    if (change === 'resume') return resumed(tx, store, asked, { patientId, appName });
    const done =
      change === 'stop'
        ? await endGrantsWithin(tx, store, grantIds, { by, accountId }, requestId())
        : await pauseGrants(tx, store, asked);
    const [receipt] = done.eventIds;
    if (receipt === undefined) return done;
    for (const told of new Set([patientId, accountId])) {
      if (change === 'pause') await tellPaused(tx, told, appName);
      if (change === 'stop') {
        const values = { app: appName, receipt: String(receipt) };
        await tellPatient(tx, { type: 'patient.app_stopped', patientId: told, values });
      }
    }
    return done;
  });
  if (changed.eventIds.length === 0) {
    await confirmCommitted(store);
    throw new PageError(404, 'not-found');
  }
  return { at: changed.at, receiptIds: changed.eventIds.map(String) };
}

/** Nobody resumes unheard: the patient is told, and who decided. */
async function resumed(
  tx: Transaction,
  store: PatientDeps['store'],
  asked: Parameters<typeof resumeGrants>[2],
  { patientId, appName }: { readonly patientId: string; readonly appName: string },
): Promise<ConsentsChanged> {
  const done = await resumeGrants(tx, store, asked);
  if (done.eventIds.length === 0) return done;
  for (const told of new Set([patientId, asked.accountId, ...done.deciders]))
    await tellPatient(tx, { type: 'patient.app_resumed', patientId: told, values: { app: appName } });
  return done;
}

const tellPaused = (tx: Transaction, patientId: string, app: string) =>
  tellPatient(tx, { type: 'patient.app_paused', patientId, values: { app } });

export interface Reported {
  /** Null: there was nothing left to pause, or it is not hers to pause. */
  readonly pausedAt: Date | null;
  /** She has said so before, and it is being looked into. */
  readonly isKnown: boolean;
}

/** Pauses what she may pause, and has it looked into: at once, and together. */
export async function reportApp(
  { store }: PatientDeps,
  person: Account,
  { appId, patientId }: AboutSharing,
  { appName, event }: { readonly appName: string; readonly event: string | null },
): Promise<Reported> {
  const grantIds = await liveGrantIds(store, person.id, { appId, patientId });
  const by = patientId === person.id ? 'patient' : 'representative';
  const accountId = person.id;
  return store.prisma.$transaction(async (tx) => {
    const asked = { grantIds, by, accountId, requestId: requestId() } as const;
    const paused = await pauseGrants(tx, store, asked);
    const isPaused = paused.eventIds.length > 0;
    if (isPaused) for (const told of new Set([patientId, accountId])) await tellPaused(tx, told, appName);
    const detail = { by, pausedGrants: paused.eventIds.length };
    const found = { kind: 'patient_report', appId, patientId, event, detail } as const;
    const isNew = await openFinding(tx, store, { ...found, accountId, requestId: requestId() });
    return { pausedAt: isPaused ? paused.at : null, isKnown: !isNew };
  });
}
