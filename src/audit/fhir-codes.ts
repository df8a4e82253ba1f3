// What an event is in the words of FHIR R4 AuditEvent: its type, subtype and action.

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const dicom = (code: string, display: string): Coding => ({ system: DCM, code, display });

export const APPLICATION = dicom('110150', 'Application');
export const SOURCE = dicom('110153', 'Source Role ID');
export const DESTINATION = dicom('110152', 'Destination Role ID');
export const EXPORT = dicom('110106', 'Export');
export const SECURITY_ALERT = dicom('110113', 'Security Alert');
export const USER_AUTHENTICATION = dicom('110114', 'User Authentication');
const AUDIT_LOG_USED = dicom('110101', 'Audit Log Used');
const LOGIN = dicom('110122', 'Login');
const LOGOUT = dicom('110123', 'Logout');
const SECURITY_CONFIGURATION = dicom('110129', 'Security Configuration');

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const BALP = 'https://profiles.ihe.net/ITI/BALP';

export const balpProfile = (name: string): string => `${BALP}/StructureDefinition/${name}`;
export const ITI_71: Coding = {
  ...{ system: 'urn:ihe:event-type-code', code: 'ITI-71', display: 'Get Access Token' },
};
export const OAUTH_SERVER: Coding = {
  ...{ system: `${BALP}/CodeSystem/UserAgentTypes`, code: 'AuthzOauthService' },
};
export const authorizationBy = (what: 'Consent' | 'Role'): Coding => ({
  ...{ system: `${BALP}/CodeSystem/AuthZsubType`, code: `AuthZ-${what}` },
});
export const DISCLOSE: Coding = { system: `${TERMINOLOGY}/iso-21089-lifecycle`, code: 'disclose' };
export const RECIPIENT: Coding = { system: `${TERMINOLOGY}/v3-ParticipationType`, code: 'IRCP' };
export const PROVIDER: Coding = { system: `${TERMINOLOGY}/v3-RoleClass`, code: 'PROV' };
export const AUTHORIZATION_SERVER: Coding = {
  ...{ system: `${TERMINOLOGY}/extra-security-role-type`, code: 'authserver' },
};
export const SECURITY_SERVER: Coding = { system: `${TERMINOLOGY}/security-source-type`, code: '6' };
export const PERSON: Coding = { system: `${TERMINOLOGY}/audit-entity-type`, code: '1' };
export const SYSTEM_OBJECT: Coding = { system: `${TERMINOLOGY}/audit-entity-type`, code: '2' };
export const objectRole = (code: '1' | '3' | '4' | '24'): Coding => ({
  ...{ system: `${TERMINOLOGY}/object-role`, code },
});
export const CONSENT: Coding = { system: 'http://hl7.org/fhir/resource-types', code: 'Consent' };
export const purposeOfUse = (code: string): Coding => ({ system: `${TERMINOLOGY}/v3-ActReason`, code });

export interface Kind {
  readonly type: Coding;
  readonly subtype?: Coding;
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
}

const AUTHORIZATION = /^(decision|consent|introspection|launch|authorization)\./;
const SIGNED_IN = /\.(signed_in|verified|sign_in_refused)$/;
const CREATED = /\.(created|added|registered|invited|issued|claimed|proposed)$/;
const ENDED = /\.(ended|removed|left|deleted|month_dropped)$/;

/** Of any event of the vocabulary. */
export function kindOf(event: string): Kind {
  if (event === 'audit.exported' || event === 'disclosure.exported')
    return { type: AUDIT_LOG_USED, action: 'R' };
  if (event.endsWith('.exported')) return { type: EXPORT, action: 'R' };
  if (event.startsWith('audit.')) return { type: AUDIT_LOG_USED, action: 'D' };
  if (SIGNED_IN.test(event)) return { type: USER_AUTHENTICATION, subtype: LOGIN, action: 'E' };
  if (event.endsWith('.signed_out')) return { type: USER_AUTHENTICATION, subtype: LOGOUT, action: 'E' };
  if (/^(token|revocation)\./.test(event)) return { type: USER_AUTHENTICATION, action: 'E' };
  if (AUTHORIZATION.test(event)) return { type: SECURITY_ALERT, action: 'E' };
  const action = CREATED.test(event) ? 'C' : ENDED.test(event) ? 'D' : 'U';
  return { type: SECURITY_ALERT, subtype: SECURITY_CONFIGURATION, action };
}
