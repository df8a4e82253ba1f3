import { PATHS } from '../provider/endpoints.ts';
import { SUPPORTED_URIS } from './event-types.ts';

export const PUSH = 'urn:ietf:rfc:8935';
export const POLL = 'urn:ietf:rfc:8936';

export const SIGNAL_PATHS = {
  stream: '/ssf/stream',
  status: '/ssf/status',
  addSubject: '/ssf/subjects/add',
  removeSubject: '/ssf/subjects/remove',
  verification: '/ssf/verification',
  poll: '/ssf/poll',
} as const;

/** SSF 1.0 §7.2.1: the well-known part stands between host and path of the issuer. */
export function configurationPath(issuer: string): string {
  const { pathname } = new URL(issuer);
  return `/.well-known/ssf-configuration${pathname === '/' ? '' : pathname}`;
}

/** SSF 1.0 §7.1. */
export const transmitterConfiguration = (issuer: string) => ({
  spec_version: '1_0',
  issuer,
  jwks_uri: `${issuer}${PATHS.jwks}`,
  delivery_methods_supported: [PUSH, POLL],
  configuration_endpoint: `${issuer}${SIGNAL_PATHS.stream}`,
  status_endpoint: `${issuer}${SIGNAL_PATHS.status}`,
  add_subject_endpoint: `${issuer}${SIGNAL_PATHS.addSubject}`,
  remove_subject_endpoint: `${issuer}${SIGNAL_PATHS.removeSubject}`,
  verification_endpoint: `${issuer}${SIGNAL_PATHS.verification}`,
  critical_subject_members: ['user', 'session', 'application', 'tenant', 'org_unit', 'group'],
  // RFC 7617: the credentials with which a resource server introspects.
  authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:7617' }],
  default_subjects: 'ALL',
  events_supported: SUPPORTED_URIS,
});
