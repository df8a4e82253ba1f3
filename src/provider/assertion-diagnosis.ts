import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Diagnosis } from '../audit-diagnosis.ts';
import type { App } from '../store/apps.ts';
import { assertionFaults, circumstances, readAssertion } from './client-assertion.ts';
import { registeredKeys } from './clients.ts';
import { shownList, shownPlace, shownText } from './shown.ts';

const CLAIMS = ['alg', 'typ', 'kid', 'iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'] as const;

/** Which claim made an assertion fail, or its key; `said` is what refused it. */
export function diagnoseAssertion(ctx: KoaContextWithOIDC, app: App, said: string | undefined): Diagnosis {
  const assertion = readAssertion(String(ctx.oidc.params?.client_assertion));
  if (assertion === undefined) return { code: 'assertion_unreadable' };
  if (said === REPLAYED) return { code: 'assertion_replayed' };
  const { id: clientId, profile, jwksUri } = app;
  const facts = { clientId, profile, jwksUri, ...circumstances(ctx, ctx.oidc.provider.issuer) };
  const [fault] = assertionFaults(assertion, facts);
  if (fault !== undefined) {
    const claim = CLAIMS.find((name) => name === fault.claim);
    const { expected, got, seconds } = fault;
    return {
      code: claim === undefined ? 'assertion_key' : `assertion_${claim}`,
      ...(expected === undefined ? {} : { expected: shownList([expected]) }),
      ...(got === undefined ? {} : { got: shownClaim(claim, got, expected) }),
      ...(seconds === undefined ? {} : { seconds }),
    };
  }
  const kids = registeredKeys(app).map(({ kid }) => String(kid));
  const { kid } = assertion.header;
  const unknown = jwksUri === null ? !kids.includes(String(kid)) : NO_KEY.test(said ?? '');
  if (!unknown) return { code: 'assertion_signature' };
  return { code: 'kid_unknown', expected: shownList(kids), got: shownKid(String(kid)) };
}

/** What an assertion says of people and places is repeated as far as it holds no id. */
const shownClaim = (claim: string | undefined, got: string, expected = ''): string =>
  ['iss', 'sub', 'aud'].includes(claim ?? '') ? (shownPlace(got, expected.split(' ')) ?? '') : shownText(got);

/** The id of a key may be as long as a token is: its beginning will do to tell it. */
const shownKid = (kid: string) => shownText(kid.length < 32 ? kid : `${kid.slice(0, 12)}...`);

const REPLAYED = 'client assertion tokens must only be used once';
const NO_KEY = /no applicable key|kid must name/;
