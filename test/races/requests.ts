// The requests that are raced, as apps, FHIR servers, browsers and operators send them.
import type { AuthorizationRequest } from '../setup/app-client.ts';
import { basic, type World } from '../setup/world.ts';
import { accessSubject, assertionSubject, codeSubject, refreshSubject } from './history.ts';
import { type Answer, membersOf } from './outcome.ts';
import type { Asked } from './recorder.ts';

type Proof = Readonly<Record<string, string>>;

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** The tokens of an answer; undefined for a refusal. */
export function tokensOf({ status, text }: Answer): Tokens | undefined {
  const { access_token: access, refresh_token: refresh } = membersOf(text);
  if (status !== 200 || typeof access !== 'string') return undefined;
  return { access, refresh: typeof refresh === 'string' ? refresh : '' };
}

export function redeemRequest(
  { request, code }: { readonly request: AuthorizationRequest; readonly code: string },
  proof: Proof,
  instance: number,
): Asked {
  const about = { code, redirect_uri: request.redirectUri, code_verifier: request.verifier };
  const form = { grant_type: 'authorization_code', ...about, ...proof };
  return { action: 'redeem', subject: codeSubject(code), instance, path: '/token', form };
}

export function authenticateRequest(proof: Proof, instance: number): Asked {
  const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs', ...proof };
  const subject = assertionSubject(proof.client_assertion ?? '');
  return { action: 'authenticate', subject, instance, path: '/token', form };
}

export function refreshRequest(token: string, proof: Proof, instance: number): Asked {
  const form = { grant_type: 'refresh_token', refresh_token: token, ...proof };
  return { action: 'refresh', subject: refreshSubject(token), instance, path: '/token', form };
}

export function revokeRequest(kind: keyof Tokens, token: string, proof: Proof, instance: number): Asked {
  const subject = kind === 'access' ? accessSubject(token) : refreshSubject(token);
  return { action: 'revoke', subject, instance, path: '/revoke', form: { token, ...proof } };
}

/** RFC 7662 §2.1, as the demo's FHIR server asks. */
export function introspectRequest({ resourceServer }: World, token: string, instance: number): Asked {
  const headers = { authorization: basic(resourceServer.id, resourceServer.secret) };
  return {
    action: 'introspect',
    subject: accessSubject(token),
    instance,
    path: '/introspect',
    form: { token },
    headers,
  };
}
