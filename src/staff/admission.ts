import type { Admission } from '../passkeys/authentication.ts';
import { employment } from '../policy/employment.ts';
import { decide } from '../policy/rules.ts';

const workingStaff: Admission<string> = ({ holder, employment: work }) => {
  if (!('personId' in holder) || work === null) return { refusal: 'elsewhere' };
  const about = { accountId: holder.personId, organizationId: work.organizationId };
  const reason = decide(employment, { ...work, now: new Date() });
  return reason === undefined
    ? { who: holder.personId, event: { type: 'person.signed_in', ...about } }
    : { refusal: 'ended', event: { type: 'person.sign_in_refused', reason, ...about } };
};

/** Lets in who works for an organization now, unless that wants her to come by its OpenID provider. */
export const staffOnly: Admission<string> = (known) => {
  const admitted = workingStaff(known);
  if ('refusal' in admitted || known.employment?.providerRequired !== true) return admitted;
  const { organizationId } = known.employment;
  const about = { accountId: admitted.who, organizationId, detail: { code: 'provider_required' } };
  return { refusal: 'by-provider', event: { type: 'person.sign_in_refused', ...about } };
};

/** Lets in the one who is signed in already, and shows her passkey again. */
export const nobodyBut =
  (personId: string): Admission<string> =>
  (known) => {
    const admitted = workingStaff(known);
    if ('refusal' in admitted) return admitted;
    if (admitted.who !== personId) return { refusal: 'invalid' };
    return { ...admitted, event: { ...admitted.event, type: 'person.verified' } };
  };
