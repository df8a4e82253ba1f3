// Why a request was refused, for the developers of its app: what the answer hides from those who only claim to be it.
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Diagnosis, ProtocolFault } from '../audit-diagnosis.ts';
import type { App } from '../store/apps.ts';
import { diagnoseAssertion } from './assertion-diagnosis.ts';
import { diagnoseGrant, type Spent } from './grant-diagnosis.ts';
import { diagnosePolicy } from './policy-diagnosis.ts';
import { presentedMethod } from './presented-client.ts';
import { PolicyRefusal } from './refusals.ts';
import { shownList, shownScopes, shownText, shownUri, shownWord, withoutQuery } from './shown.ts';

export interface RefusedRequest {
  readonly ctx: KoaContextWithOIDC;
  readonly error: ProviderError;
  readonly app: App;
  /** The code or refresh token that the request held, as the database knows it. */
  readonly spent: Spent;
}

export type ProviderError = Error & {
  readonly error?: string;
  readonly error_detail?: string;
  readonly error_description?: string;
};

export function diagnose(refused: RefusedRequest): Diagnosis {
  const { ctx, error, app, spent } = refused;
  if (error instanceof PolicyRefusal && error.reason !== 'assertion_unacceptable')
    return diagnosePolicy(ctx, app, error.reason);
  const { error_detail: detail = '', error_description: described = '' } = error;
  const spoken = words.find(([known]) => known.test(detail) || known.test(described))?.[1];
  if (spoken !== undefined) return spoken(refused, described);
  if (error.error === 'invalid_grant') return diagnoseGrant(ctx, detail, spent);
  if (error.error === 'invalid_client' && ctx.oidc.params?.client_assertion !== undefined) {
    return diagnoseAssertion(ctx, app, detail);
  }
  // What is described to anyone may be told again.
  return named[error.error ?? '']?.(refused) ?? { code: 'request_faulty', got: shownText(described) };
}

type Words = readonly [RegExp, (refused: RefusedRequest, described: string) => Diagnosis];

/** What the provider says of a fault, where its OAuth error does not tell it from others. */
const words: readonly Words[] = [
  [
    /^missing required parameter 'redirect_uri'$/,
    ({ app }) => ({ code: 'redirect_uri_missing', ...registered(app) }),
  ],
  [
    /^missing required parameters? /,
    (_, described) => ({ code: 'parameter_missing', got: listed(described) }),
  ],
  [/ must not be provided twice$/, (_, described) => ({ code: 'parameter_twice', got: listed(described) })],
  [/policy requires PKCE/, () => ({ code: 'pkce_missing', expected: 'S256' })],
  [
    /code_challenge_method|code_challenge must be provided/,
    (refused) => differs(refused, 'pkce_method', 'code_challenge_method', 'S256'),
  ],
  [/^code_(challenge|verifier) (must be a string|contains)/, () => ({ code: 'pkce_malformed' })],
  [/^requested response_type/, (refused) => differs(refused, 'response_type', 'response_type', 'code')],
  [
    /^requested response_mode/,
    (refused) =>
      refused.ctx.oidc.params?.response_mode === undefined
        ? differs(refused, 'response_type', 'response_type', 'code')
        : differs(refused, 'response_mode', 'response_mode', 'query'),
  ],
  [
    /^requested grant type/,
    (refused) =>
      differs(refused, 'grant_type_not_registered', 'grant_type', shownList(refused.app.grantTypes)),
  ],
  [/^refresh token missing requested/, ({ ctx }) => ({ code: 'scope_beyond_grant', ...gotScopes(ctx) })],
  [
    /^origin .* not allowed/s,
    ({ ctx, app }) => ({
      code: 'origin_unknown',
      expected: shownList(app.origins),
      ...got(shownUri(ctx.get('Origin'))),
    }),
  ],
  [/^invalid client_assertion format/, () => ({ code: 'assertion_unreadable' })],
  [/does not match the registered client authentication method/, wrongMethod],
  [
    /^invalid secret provided$/,
    (refused) => (rightMethod(refused) ? { code: 'secret_wrong' } : wrongMethod(refused)),
  ],
];

/** What an OAuth error says by its name. */
const named: Readonly<Record<string, (refused: RefusedRequest) => Diagnosis>> = {
  invalid_redirect_uri: ({ ctx, app }) => diagnoseRedirectUri(ctx.oidc.params?.redirect_uri, app),
  unsupported_response_type: (refused) => differs(refused, 'response_type', 'response_type', 'code'),
  unsupported_response_mode: (refused) => differs(refused, 'response_mode', 'response_mode', 'query'),
  unsupported_grant_type: (refused) =>
    differs(refused, 'grant_type_unknown', 'grant_type', shownList(refused.app.grantTypes)),
  access_denied: () => ({ code: 'person_declined' }),
  login_required: () => ({ code: 'person_needed' }),
  interaction_required: () => ({ code: 'person_needed' }),
  consent_required: () => ({ code: 'person_needed' }),
};

/** A registered redirect URI is compared exactly (RFC 9700 §2.1); what is repeated here has no query. */
function diagnoseRedirectUri(uri: unknown, app: App): Diagnosis {
  const path = typeof uri === 'string' ? withoutQuery(uri) : '';
  const query = app.redirectUris.some((one) => withoutQuery(one) === path);
  return {
    code: query ? 'redirect_uri_query' : 'redirect_uri_unknown',
    ...registered(app),
    ...got(shownUri(uri)),
  };
}

const registered = ({ redirectUris }: App) => ({ expected: shownList(redirectUris.map(withoutQuery)) });

const got = (shown: string | undefined) => (shown === undefined ? {} : { got: shown });

const gotScopes = ({ oidc }: KoaContextWithOIDC) => got(shownScopes(oidc.params?.scope));

function differs(
  { ctx }: RefusedRequest,
  code: ProtocolFault,
  parameter: string,
  expected: string,
): Diagnosis {
  return { code, expected, ...got(shownWord(ctx.oidc.params?.[parameter])) };
}

/** The parameters that a sentence of the provider names: `missing required parameters 'a', and 'b'`. */
const listed = (described: string) =>
  shownText([...described.matchAll(/'(\w+)'/g)].map(([, name]) => name).join(' '));

const rightMethod = ({ ctx, app }: RefusedRequest) => presentedMethod(ctx) === app.authMethod;

function wrongMethod({ ctx, app }: RefusedRequest): Diagnosis {
  return { code: 'client_method', expected: app.authMethod, got: presentedMethod(ctx) };
}
