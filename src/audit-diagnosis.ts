import type { Reason } from './errors.ts';

/** Why an app was refused, for its developers: free of PHI, tokens and secrets. */
export interface Diagnosis {
  readonly code: Reason | ProtocolFault;
  /** What is registered, or would have been right. */
  readonly expected?: string;
  /** What the request held instead. */
  readonly got?: string;
  /** How far off in time it was. */
  readonly seconds?: number;
}

/** What is wrong with a request beyond our own rules. */
export type ProtocolFault =
  | `redirect_uri_${'missing' | 'unknown' | 'query'}`
  | `pkce_${'missing' | 'method' | 'malformed'}`
  | `parameter_${'missing' | 'twice'}`
  | `response_${'type' | 'mode'}`
  | `grant_type_${'unknown' | 'not_registered'}`
  | `person_${'declined' | 'needed'}`
  | `assertion_${'unreadable' | 'key' | 'signature' | 'replayed'}`
  | `assertion_${'alg' | 'typ' | 'kid' | 'iss' | 'sub' | 'aud' | 'exp' | 'iat' | 'nbf' | 'jti'}`
  | `code_${'unknown' | 'expired' | 'burnt' | 'foreign' | 'redirect_uri'}`
  | `verifier_${'missing' | 'wrong'}`
  | `refresh_token_${'unknown' | 'expired' | 'foreign'}`
  | 'client_method'
  | 'secret_wrong'
  | 'kid_unknown'
  | 'grant_ended'
  | 'scope_beyond_grant'
  | 'origin_unknown'
  | 'request_faulty';
