// Access in an emergency and for support: asked for by one person, granted by another or looked into by another within a
// day, ended by time or at once. The patient is told when it begins.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { EMERGENCIES, MOST_MINUTES, SUPPORT_PURPOSE } from '../policy/break-glass.ts';
import type { Actor } from '../policy/permissions.ts';
import { findApp } from '../store/apps.ts';
import { type GlassRow, insertGlass, type NewGlass, openGlass } from '../store/break-glass.ts';
import type { Transaction } from '../store/database.ts';
import { findingRecipients } from '../store/findings.ts';
import { enqueue } from '../store/outbox.ts';
import { findPatient, findPatientOfRecord } from '../store/patients.ts';
import { assertNotTooOften, recordRefused } from './break-glass-limits.ts';
import { appFaults } from './break-glass-standing.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { fault, identifier, line, prose, readInput, refuse, refuseFaults } from './input.ts';
import { tellPatient } from './patient-notices.ts';
import { findPerson } from './person-records.ts';
import { RegistryRefusal } from './refusal.ts';

const why = {
  reason: prose(1_000).meta({ description: 'Why it is needed now; the patient reads it' }),
  /** Where the case is kept. */
  ticket: line(100),
  minutes: z.int().min(1).max(MOST_MINUTES).default(MOST_MINUTES),
};

export const newBreakGlass = z.strictObject({
  appId: identifier,
  fhirBaseUrl: z.string().min(1).max(2_000),
  /** FHIR R4 §2.24.0.1, id: of the Patient there. */
  fhirId: z.string().refine((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id), fault('fhir_id_unreadable')),
  scope: line(2_000).meta({ description: 'SMART scopes of the patient: "patient/AllergyIntolerance.rs"' }),
  purpose: z.enum(EMERGENCIES),
  who: line(120).meta({ description: 'The clinician who will look at the record' }),
  ...why,
});

export const newSupportAccess = z.strictObject({ patientId: identifier, ...why });

interface Requested {
  readonly breakGlassId: string;
  /** When it ends; null: it waits for its approval. */
  readonly endsAt: Date | null;
}

/** For a registered backend service, with a token over this record alone (provider/break-glass). */
export async function requestBreakGlass(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<Requested> {
  const { fhirBaseUrl: audience, ...given } = readInput(newBreakGlass, input);
  const app = await findApp(deps.store, given.appId);
  assertKnown(app);
  const { id: appId, organizationId } = app;
  const kind = 'treatment' as const;
  return recordRefused(deps, actor, { kind, appId, organizationId }, async () => {
    assertMay(actor, 'break_glass.request', { organizationId });
    await assertNotTooOften(deps, namedOf(actor), appId);
    refuseFaults(appFaults(app, { ...given, audience }));
    const patient = await findPatientOfRecord(deps.store, audience, given.fhirId);
    if (patient === undefined) refuse('fhirId', 'patient_unknown', given.fhirId);
    return request(deps, actor, { ...given, kind, organizationId, patientId: patient.id, audience });
  });
}

/** Who asks is a person, and another one decides: what nobody answers for is nobody's request. */
function namedOf({ personId }: Actor): string {
  if (personId === null) throw new RegistryRefusal('not_allowed');
  return personId;
}

/** For a person of the operator, in the console: what it shows of this patient, and nothing of a FHIR server. */
export async function requestSupportAccess(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<Requested> {
  assertMay(actor, 'break_glass.support');
  const given = readInput(newSupportAccess, input);
  const kind = 'support' as const;
  const { name: who, organizationId } = await findPerson(deps, actor, namedOf(actor));
  return recordRefused(deps, actor, { kind, organizationId }, async () => {
    await assertNotTooOften(deps, namedOf(actor), null);
    if ((await findPatient(deps.store, given.patientId)) === null)
      refuse('patientId', 'patient_unknown', given.patientId);
    const none = { appId: null, audience: null, fhirId: null, scope: null };
    return request(deps, actor, { ...given, ...none, kind, organizationId, purpose: SUPPORT_PURPOSE, who });
  });
}

/** Without an approval it begins only on a page, which asks for her passkey: never by a token, nor at a command line. */
const beginsAtOnce = ({ settings }: RegistryDeps, { via }: Actor) =>
  settings.breakGlass === 'review' && (via === 'portal' || via === 'console');

async function request(
  deps: RegistryDeps,
  actor: Actor,
  asked: Omit<NewGlass, 'id' | 'requestedBy'>,
): Promise<Requested> {
  const glass: NewGlass = { ...asked, id: randomUUID(), requestedBy: namedOf(actor) };
  return deps.store.prisma.$transaction(async (tx) => {
    await insertGlass(tx, deps.store, glass);
    const { reason, ticket, who, minutes } = glass;
    await record(tx, actor, {
      ...{ type: 'break_glass.requested', ...aboutGlass(glass) },
      detail: { ...watermark(glass), reason, ticket, who, minutes },
    });
    const endsAt = beginsAtOnce(deps, actor) ? await beginGlass(deps, tx, actor, glass, null) : null;
    await tellApprovers(tx, endsAt === null ? 'break_glass.requested' : 'break_glass.opened', glass.id);
    return { breakGlassId: glass.id, endsAt };
  });
}

type Begun = Pick<GlassRow, 'id' | 'kind' | 'appId' | 'organizationId' | 'patientId' | 'purpose' | 'who'>;

/** From now on, by the time of the database. `approved`: by whom, and why; null: nobody was asked. */
export async function beginGlass(
  { store }: RegistryDeps,
  tx: Transaction,
  actor: Actor,
  glass: Begun,
  approved: { readonly by: string; readonly reason: string } | null,
): Promise<Date> {
  const endsAt = await openGlass(tx, store, glass.id, approved?.by ?? null);
  assertChanged(endsAt !== undefined);
  const { kind, patientId, who } = glass;
  const detail = {
    ...{ ...watermark(glass), who, endsAt: String(endsAt?.toISOString()), approved: approved !== null },
    ...{ before: { state: 'waiting' }, after: { state: 'open' } },
    ...(approved === null ? {} : { reason: approved.reason }),
  };
  await record(tx, actor, { type: 'break_glass.opened', ...aboutGlass(glass), detail });
  const type = kind === 'support' ? 'patient.support_access' : 'patient.emergency_access';
  await tellPatient(tx, { type, patientId, values: {} });
  return endsAt as Date;
}

/** They hear that something waits, and of whom only in the console. */
async function tellApprovers(tx: Transaction, type: string, id: string): Promise<void> {
  const content = { type, values: { access: id } };
  const addresses = await findingRecipients(tx);
  await enqueue(
    tx,
    addresses.map((destination) => ({ channel: 'mail', destination, content })),
  );
}

export const watermark = ({ id, kind }: Pick<GlassRow, 'id' | 'kind'>) => ({ breakGlass: id, kind });

export const aboutGlass = ({
  appId,
  organizationId,
  patientId,
  purpose,
}: Omit<Begun, 'id' | 'who' | 'kind'>) => ({
  ...(appId === null ? {} : { appId }),
  ...(organizationId === null ? {} : { organizationId }),
  ...{ patientId, purpose },
});
