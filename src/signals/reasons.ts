// Why an event was caused: for the people who run a receiver, coarse and free of names.

interface Cause {
  readonly by: 'admin' | 'user' | 'policy' | 'system';
  readonly text: string;
}

const causes: Readonly<Record<string, Cause>> = {
  'cut_off.client': { by: 'admin', text: 'What was issued to the app was ended.' },
  'cut_off.organization': { by: 'admin', text: 'What was issued to the apps of the organization was ended.' },
  'cut_off.owner': { by: 'admin', text: 'What was issued to the apps of the owner was ended.' },
  'cut_off.patient': { by: 'admin', text: 'What was issued over the record of the patient was ended.' },
  'cut_off.purpose': { by: 'admin', text: 'What was issued for the purpose of use was ended.' },
  'cut_off.key': { by: 'admin', text: 'What was issued with a credential of the app was ended.' },
  'cut_off.audience': { by: 'admin', text: 'What was issued for the FHIR server was ended.' },
  'grant.patient': { by: 'user', text: 'The patient stopped sharing with the app.' },
  'grant.representative': {
    by: 'user',
    text: 'A representative of the patient stopped sharing with the app.',
  },
  'grant.app': { by: 'system', text: 'The app gave its access back.' },
  'grant.sign_out': { by: 'user', text: 'The person signed out.' },
  'grant.replay': { by: 'policy', text: 'A code or refresh token of the app was used twice.' },
  'grant.age_rules': {
    by: 'policy',
    text: 'At the age of the patient, what another decided for her holds no longer.',
  },
  'grant.dormancy': { by: 'policy', text: 'Nobody used the grant for a long time.' },
  'grant.provider': { by: 'system', text: 'The grant was ended.' },
  'consent.paused': { by: 'user', text: 'The patient paused the app.' },
  'consent.resumed': { by: 'user', text: 'The patient let the app go on.' },
  'consent.amended': {
    by: 'user',
    text: 'The patient changed what she shares with the app, or for how long.',
  },
  'session.ended': { by: 'user', text: 'The session that the access lived with has ended.' },
  'token.revoked': { by: 'system', text: 'The app gave an access token back.' },
  'app.suspended': { by: 'admin', text: 'The app was suspended.' },
  'app.resumed': { by: 'admin', text: 'The suspension of the app was ended.' },
  'app.offboarded': { by: 'admin', text: 'The app was offboarded.' },
  'app.moved': {
    by: 'admin',
    text: 'Another organization answers for the app: consents of before have ended.',
  },
  'app.revised': { by: 'admin', text: 'Another revision of the app is in force.' },
  'app.narrowed': { by: 'policy', text: 'Scopes of the app were stopped.' },
  'app.widened': { by: 'admin', text: 'Scopes of the app are stopped no longer.' },
  'app.restricted': { by: 'policy', text: 'The app gets nothing new until it is confirmed.' },
  'app.confirmed': { by: 'admin', text: 'The app was confirmed.' },
  'app.unowned': { by: 'admin', text: 'Nobody is accountable for the app any more.' },
  'organization.suspended': { by: 'admin', text: 'The organization was suspended.' },
  'organization.resumed': { by: 'admin', text: 'The suspension of the organization was ended.' },
  'organization.offboarded': { by: 'admin', text: 'The organization was offboarded.' },
  'contract.ended': { by: 'admin', text: 'The app has no contract in force any more.' },
  'contract.limited': { by: 'admin', text: 'The contract of the app limits it in another way.' },
  'representation.ended': { by: 'policy', text: 'The right to act for the patient has ended.' },
  'ehr.suspended': { by: 'admin', text: 'The EHR was suspended.' },
  'change.recorded': {
    by: 'policy',
    text: 'A recorded change stops scopes of the app until it is approved.',
  },
  'change.cleared': { by: 'admin', text: 'A recorded change was approved.' },
  'key.added': { by: 'admin', text: 'The app has a new credential.' },
  'key.ended': { by: 'admin', text: 'A credential of the app ends, or has ended.' },
  'passkey.added': { by: 'user', text: 'The patient has a new passkey.' },
  'passkey.removed': { by: 'user', text: 'A passkey of the patient was removed.' },
  'assurance.proofed': { by: 'user', text: 'The patient proved who she is.' },
  'assurance.removed': {
    by: 'user',
    text: 'The passkey that carried the proof of who the patient is was removed.',
  },
  'assurance.expired': { by: 'policy', text: 'The proof of who the patient is has come to its end.' },
};

/** A cause that nobody described yet is told all the same. */
export const causeOf = (cause: string): Cause =>
  causes[cause] ?? { by: 'system', text: 'Access has changed.' };
