// Each diagnosis has its words, in both languages: the log of the developer portal prints them.
import { expect, test } from '@jest/globals';
import type { ProtocolFault } from '../../src/audit-diagnosis.ts';
import { refusals } from '../../src/errors.ts';
import { createMessages } from '../../src/web/messages.ts';

// Complete: the compiler refuses a list that lacks one, or has one more.
const faults: Record<ProtocolFault, true> = {
  redirect_uri_missing: true,
  redirect_uri_unknown: true,
  redirect_uri_query: true,
  pkce_missing: true,
  pkce_method: true,
  pkce_malformed: true,
  parameter_missing: true,
  parameter_twice: true,
  response_type: true,
  response_mode: true,
  grant_type_unknown: true,
  grant_type_not_registered: true,
  person_declined: true,
  person_needed: true,
  client_method: true,
  assertion_unreadable: true,
  assertion_key: true,
  assertion_signature: true,
  assertion_replayed: true,
  assertion_alg: true,
  assertion_typ: true,
  assertion_kid: true,
  assertion_iss: true,
  assertion_sub: true,
  assertion_aud: true,
  assertion_exp: true,
  assertion_iat: true,
  assertion_nbf: true,
  assertion_jti: true,
  code_unknown: true,
  code_expired: true,
  code_burnt: true,
  code_foreign: true,
  code_redirect_uri: true,
  verifier_missing: true,
  verifier_wrong: true,
  refresh_token_unknown: true,
  refresh_token_expired: true,
  refresh_token_foreign: true,
  secret_wrong: true,
  kid_unknown: true,
  grant_ended: true,
  scope_beyond_grant: true,
  origin_unknown: true,
  request_faulty: true,
};

/** Refusals of commands, which no protocol answer hides: the registry has words for them. */
const OF_COMMANDS = [
  'not_found',
  'access_denied',
  'segregation_of_duties',
  'invalid_client_metadata',
  'conflict',
];
const reasons = Object.entries(refusals).filter(([, { error }]) => !OF_COMMANDS.includes(error));
const codes = [...Object.keys(faults), ...reasons.map(([reason]) => reason)];

const messages = createMessages('views');

test.each(['en', 'es'] as const)('every diagnosis is a sentence of its own in %s', (locale) => {
  const t = messages.translator(locale);
  for (const code of codes) expect(t(`diagnosis.${code}`)).toMatch(/^[A-ZÁÉÍÓÚ¿\w].*\.$/);
});

test('no words are kept for what cannot happen', () => {
  const known = [...codes, 'expected', 'got', 'seconds.one', 'seconds.other'].map(
    (code) => `diagnosis.${code}`,
  );
  expect(messages.keys().filter((key) => key.startsWith('diagnosis.') && !known.includes(key))).toEqual([]);
});
