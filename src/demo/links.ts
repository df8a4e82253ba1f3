// What the start prints: where everybody begins, with an invitation for those who have no passkey yet.
import type { Config } from '../config.ts';
import type { Store } from '../store/database.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { identityOrigin } from './identity-registration.ts';
import { demoOrigins } from './origins.ts';
import { staffInvitations } from './seed-staff.ts';
import { demoInvitation } from './start.ts';

type Demo = NonNullable<Config['demo']>;

export async function demoLinks(issuer: string, demo: Demo, store: Store): Promise<string[]> {
  const { fhirBase, sandboxBase, appOrigin, ehrPage } = demoOrigins(demo);
  const invitation = await again(() => demoInvitation(store, issuer));
  const steps = invitation === undefined ? ['1.', '2.'] : ['2.', '3.'];
  const staff = await again(() => staffInvitations(store, issuer));
  return [
    '',
    '  Patients share, and stop',
    ...(invitation === undefined ? [] : invite(`1. Invitation for ${invitation.name}`, invitation.url)),
    `    ${steps[0]} Demo app:         ${appOrigin}`,
    `    ${steps[1]} My apps:          ${issuer}/my`,
    `       Demo EHR:         ${ehrPage}`,
    `       Demo FHIR server: ${fhirBase}`,
    `       Its sandbox:      ${sandboxBase}`,
    `       Demo ID checks:   ${identityOrigin(demo)}`,
    '       Backend service:  npm run demo:backend',
    '',
    '  Staff answer for apps, review and operate',
    ...staff.flatMap(({ name, role, url }) => invite(`-  Invitation for ${name}, ${role}`, url)),
    `    -  Developer portal: ${issuer}/developer`,
    `    -  Console:          ${issuer}/admin`,
    '',
  ];
}

const invite = (whom: string, url: string) => [`    ${whom} (single use, 24 hours):`, `       ${url}`];

/** A database that is set to be stricter refuses one of those that write at once; it may come again. */
async function again<Result>(work: () => Promise<Result>, tries = 5): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (tries === 1 || !isUnavailable(error)) throw error;
    return again(work, tries - 1);
  }
}
