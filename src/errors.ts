// Every refusal of Postern: what the protocol says, with which status, and the sentence that may be public.

interface Refusal {
  /** OAuth 2.0 error code (RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3.1; RFC 8707 §2). */
  readonly error: string;
  readonly status: number;
  readonly text: string;
}

// RFC 6749 §5.2: who may not authenticate hears the same as who is not known.
const invalidClient: Refusal = { error: 'invalid_client', status: 401, text: 'client authentication failed' };
const unauthorizedClient = (text: string): Refusal => ({ error: 'unauthorized_client', status: 400, text });
const invalidRequest = (text: string): Refusal => ({ error: 'invalid_request', status: 400, text });
const invalidScope = (text: string): Refusal => ({ error: 'invalid_scope', status: 400, text });
const accessDenied = (text: string): Refusal => ({ error: 'access_denied', status: 403, text });
const insufficientScope: Refusal = {
  error: 'insufficient_scope',
  status: 403,
  text: 'the token does not reach this',
};
// RFC 9470 §3.
const signInAgain: Refusal = {
  error: 'insufficient_user_authentication',
  status: 401,
  text: 'the person must sign in again',
};
const invalidToken: Refusal = { error: 'invalid_token', status: 401, text: 'the token is not active' };

export const refusals = {
  client_unknown: invalidClient,
  client_offboarded: invalidClient,
  client_suspended: invalidClient,
  organization_offboarded: invalidClient,
  organization_suspended: invalidClient,
  client_not_reviewed: unauthorizedClient('the app has not been reviewed'),
  owner_missing: unauthorizedClient('the app has no accountable owner'),
  contract_missing: unauthorizedClient('the app has no contract'),
  contract_not_started: unauthorizedClient('the contract of the app has not started'),
  platform_stopped: unauthorizedClient('the platform that acts for the app may not act now'),
  contract_expired: unauthorizedClient('the contract of the app has ended'),
  attestation_overdue: unauthorizedClient('the attestation of the app is overdue'),
  use_case_ended: unauthorizedClient('the use case of the app has ended'),
  credential_expired: unauthorizedClient('the app has no credential that is still good'),
  client_quarantined: unauthorizedClient('the app is in quarantine'),
  environment_wrong: unauthorizedClient('the app is not registered for this environment'),

  audience_missing: invalidRequest('aud is required: the URL of the FHIR server that the app will call'),
  audience_unknown: invalidRequest('aud is not a FHIR server that this app may call'),
  audience_ambiguous: {
    error: 'invalid_target',
    status: 400,
    text: 'the app may call several FHIR servers: name one as resource',
  },
  state_missing: invalidRequest('state is required'),
  launch_unknown: invalidRequest('launch is not known here'),
  launch_app_unknown: invalidRequest('app is not one that can be opened at the FHIR server of this EHR'),
  launch_context_unreadable: invalidRequest('the launch context cannot be read'),
  purpose_unknown: invalidRequest('purpose_of_use is not a code of HL7 v3 PurposeOfUse'),
  purpose_emergency: invalidRequest('purpose_of_use is one for emergencies, which no registration covers'),
  purpose_not_registered: invalidRequest('purpose_of_use is not one that the app is registered for'),
  purpose_ambiguous: invalidRequest('purpose_of_use is required: the app is registered for several'),
  scope_missing: invalidScope('scope is required'),
  scope_unreadable: invalidScope('scope is too long or names too many scopes'),
  scope_empty: invalidScope('none of the requested scopes may be granted to this app'),
  scopes_stopped: invalidScope('the scopes are stopped by a recorded change or a restriction'),
  contract_limits: invalidScope('the contract of the app covers none of the requested records'),
  scope_over_ceiling: invalidScope('scope asks for more than the app is registered for'),
  scope_not_system: invalidScope('a backend service may only ask for system scopes'),

  token_unknown: invalidToken,
  token_expired: invalidToken,
  token_revoked: invalidToken,
  access_cut_off: invalidToken,
  grant_revoked: invalidToken,
  consent_missing: invalidToken,
  consent_recipient_changed: invalidToken,
  consent_withdrawn: invalidToken,
  consent_expired: invalidToken,
  consent_paused: invalidToken,
  consent_narrowed: invalidToken,
  session_ended: invalidToken,
  representation_ended: invalidToken,
  audience_foreign: invalidToken,
  break_glass_ended: invalidToken,
  ehr_unknown: invalidClient,
  ehr_suspended: invalidClient,
  scope_not_introspection: {
    error: 'insufficient_scope',
    status: 403,
    text: 'the token may not ask about other tokens',
  },
  resource_server_unknown: invalidClient,
  resource_server_suspended: accessDenied('the resource server is suspended'),
  base_wrong: invalidToken,
  request_stale: accessDenied('the time of the request is not now'),
  network_not_allowed: accessDenied('the network is not one that requests may come from'),
  device_not_compliant: accessDenied('the device is not as it must be'),
  hours_over: accessDenied('the app may not act at this hour'),
  contract_hours: accessDenied('the contract of the app does not cover this hour'),
  contract_operation: accessDenied('the contract of the app does not cover this operation'),
  purpose_differs: accessDenied('the request states another purpose of use than the token'),
  caller_role_wrong: accessDenied('a service in this role does not ask for this purpose of use'),
  transaction_wrong: accessDenied('the transaction is not one for this request or purpose of use'),
  exchange_profile_wrong: accessDenied('the app is registered for another way of exchange'),
  export_not_registered: accessDenied('the app is not registered for bulk export'),
  export_outside_hours: accessDenied('bulk export is not open at this hour'),
  scope_insufficient: insufficientScope,
  patient_foreign: insufficientScope,
  sensitivity_not_chosen: insufficientScope,
  sign_in_too_weak: signInAgain,
  sign_in_too_old: signInAgain,
  request_unknown: accessDenied('no request to a FHIR server is like that'),
  budget_patients: accessDenied('the app has opened as many records as it may in an hour'),
  budget_resources: accessDenied('the app has opened as many resources as it may in an hour'),

  code_replayed: { error: 'invalid_grant', status: 400, text: 'authorization code already consumed' },
  break_glass_unknown: {
    error: 'invalid_grant',
    status: 400,
    text: 'break_glass is not an access that was granted to this app',
  },
  break_glass_closed: {
    error: 'invalid_grant',
    status: 400,
    text: 'the access that break_glass names is not open: it waits for its approval, or is over',
  },
  refresh_token_replayed: { error: 'invalid_grant', status: 400, text: 'refresh token already used' },
  assertion_unacceptable: invalidClient,
  client_keys_unavailable: invalidClient,
  credential_none: invalidClient,
  key_ended: invalidClient,
  key_shared: invalidClient,
  backend_without_key: unauthorizedClient('a backend service must prove who it is with a key'),

  // The registry: commands of people and of the management API.
  record_unknown: { error: 'not_found', status: 404, text: 'there is no such record' },
  not_allowed: { error: 'access_denied', status: 403, text: 'your roles do not allow this' },
  segregation_of_duties: {
    error: 'segregation_of_duties',
    status: 403,
    text: 'nobody decides on what they or their own organization asked for',
  },
  passkey_needed: {
    error: 'insufficient_user_authentication',
    status: 401,
    text: 'whose token it is must first show her passkey, on the portal or the console, and then ask again',
  },
  person_left: { error: 'access_denied', status: 403, text: 'the person does not work there any more' },
  input_invalid: { error: 'invalid_client_metadata', status: 400, text: 'some fields are not acceptable' },
  state_conflict: { error: 'conflict', status: 409, text: 'the record is not in a state that allows this' },
} as const satisfies Record<string, Refusal>;

/** The name of a refusal: what rules return and audit events keep. */
export type Reason = keyof typeof refusals;

/** Why Postern cannot start or go on: one sentence for the operator, never a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
