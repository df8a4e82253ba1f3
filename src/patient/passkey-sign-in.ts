import type { Context } from 'koa';
import type { Admission } from '../passkeys/authentication.ts';
import { verifySignIn } from '../passkeys/page-ceremony.ts';
import { keepLocale } from '../store/patient-contacts.ts';
import type { PatientDeps } from './deps.ts';

const patientsOnly: Admission<string> = ({ holder }) => {
  if (!('patientId' in holder)) return { refusal: 'elsewhere' };
  const { patientId } = holder;
  return { who: patientId, event: { type: 'patient.signed_in', accountId: patientId, patientId } };
};

/** Which patient the passkey in the request's body belongs to. */
export async function whoSignsIn(deps: PatientDeps, ctx: Context) {
  const { who: patientId, ...shown } = await verifySignIn(deps, ctx, patientsOnly);
  await keepLocale(deps.store, patientId, deps.pages.localeOf(ctx));
  return { patientId, shown };
}

/** The one who is signed in already shows a passkey of her own again. */
export const nobodyBut =
  (own: string): Admission<string> =>
  (known) => {
    const admitted = patientsOnly(known);
    if ('refusal' in admitted) return admitted;
    if (admitted.who !== own) return { refusal: 'foreign' };
    return { ...admitted, event: { type: 'patient.verified', accountId: own, patientId: own } };
  };
