import type { Admission } from '../passkeys/authentication.ts';
import { employment } from '../policy/employment.ts';
import { decide } from '../policy/rules.ts';

/** Lets in who works for an organization now. */
export const staffOnly: Admission<string> = ({ holder, employment: work }) => {
  if (!('personId' in holder) || work === null) return { refusal: 'elsewhere' };
  const about = { accountId: holder.personId, organizationId: work.organizationId };
  const reason = decide(employment, { ...work, now: new Date() });
  return reason === undefined
    ? { who: holder.personId, event: { type: 'person.signed_in', ...about } }
    : { refusal: 'ended', event: { type: 'person.sign_in_refused', reason, ...about } };
};

/** Lets in the one who is signed in already, and shows her passkey again. */
export const nobodyBut =
  (personId: string): Admission<string> =>
  (known) => {
    const admitted = staffOnly(known);
    if ('refusal' in admitted) return admitted;
    if (admitted.who !== personId) return { refusal: 'invalid' };
    return { ...admitted, event: { ...admitted.event, type: 'person.verified' } };
  };
