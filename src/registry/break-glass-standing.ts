// What must hold for an access in an emergency or for support: when it is asked for, and again when it is granted, since the
// world goes on in between.
import { glassFaults } from '../policy/break-glass.ts';
import { employment } from '../policy/employment.ts';
import type { Fault } from '../policy/faults.ts';
import { refusalOf } from '../policy/permissions.ts';
import { decide } from '../policy/rules.ts';
import { type App, findApp } from '../store/apps.ts';
import type { GlassRow } from '../store/break-glass.ts';
import type { Store } from '../store/database.ts';
import { findPatientOfRecord } from '../store/patients.ts';
import { findActorFacts } from '../store/people.ts';
import { heldBy } from './break-glass-apps.ts';
import { assertKnown } from './command.ts';
import { refuse, refuseFaults } from './input.ts';

type Asked = Parameters<typeof glassFaults>[0];

/** Why an app gets nothing for it. */
export function appFaults(app: App, asked: Asked): readonly Fault[] {
  const held = heldBy(app);
  return [
    ...(held === undefined ? [] : [{ field: 'appId', code: 'app_may_not_act', value: held } as const]),
    ...glassFaults(asked, app),
  ];
}

/** Before it begins: the app, its contract, the record and who asked for it. */
export async function assertStillDue(store: Store, glass: GlassRow): Promise<void> {
  const { kind, appId, audience, fhirId, scope, purpose, patientId } = glass;
  if (kind === 'support') return assertMayAsk(store, glass, 'break_glass.support');
  const app = await findApp(store, appId ?? '');
  assertKnown(app);
  await assertMayAsk(store, glass, 'break_glass.request', app.organizationId);
  refuseFaults(appFaults(app, { audience: audience ?? '', scope: scope ?? '', purpose }));
  const patient = await findPatientOfRecord(store, audience ?? '', fhirId ?? '');
  if (patient?.id !== patientId) refuse('fhirId', 'patient_unknown', fhirId ?? '');
}

async function assertMayAsk(
  { prisma }: Store,
  { requestedBy, now }: GlassRow,
  action: 'break_glass.request' | 'break_glass.support',
  organizationId?: string,
): Promise<void> {
  const person = await findActorFacts(prisma, requestedBy);
  assertKnown(person);
  const about = organizationId === undefined ? {} : { organizationId };
  const reason =
    decide(employment, { ...person, now }) ?? refusalOf({ ...person, via: 'portal' }, action, about);
  if (reason !== undefined) refuse('requestedBy', 'requester_may_not_ask', reason);
}
