// An identity provider that answers whatever a test wants it to: right and signed, unless the test changes it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

type Claims = Record<string, unknown>;

export interface RogueProvider {
  readonly issuer: string;
  readonly key: JWK;
  /** The claims that the next id_token has beyond, or in place of, the right ones. */
  claims: Claims;
  userinfo: Claims;
  /** The id_token as it is sent, from the right one and its claims. */
  forge: ((token: string, claims: Claims) => string | Promise<string>) | undefined;
  /** What the metadata say beyond, or in place of, the right ones. */
  metadata: Claims;
  /** How the token endpoint answers; undefined: as it should. */
  status: number | undefined;
  /** What it was asked with last. */
  asked: { authorization?: URLSearchParams; token?: URLSearchParams; credentials?: string };
  /** Follows an authorization request; answers with the address that the browser is sent back to. */
  answer(authorizationUrl: string, changes?: Readonly<Record<string, string | undefined>>): string;
  stop(): Promise<void>;
}

export async function createRogueProvider(clientId: string): Promise<RogueProvider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key: JWK = { ...(await exportJWK(privateKey)), kid: 'rogue', alg: 'RS256', use: 'sig' };
  const { kty, n, e } = key;
  const nonces = new Map<string, string>();

  const idToken = async (code: string) => {
    const now = Math.floor(Date.now() / 1_000);
    const right = { iss: state.issuer, aud: clientId, iat: now, exp: now + 300, nonce: nonces.get(code) };
    const claims: Claims = { ...right, ...state.claims };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'rogue' })
      .sign(privateKey);
    return state.forge === undefined ? token : state.forge(token, claims);
  };

  const server = createServer(async (request, response) => {
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname } = new URL(request.url ?? '/', state.issuer);
    if (pathname === '/jwks')
      return send(200, { keys: [{ kty, n, e, kid: 'rogue', alg: 'RS256', use: 'sig' }] });
    if (pathname === '/userinfo') return send(200, { sub: state.claims.sub, ...state.userinfo });
    if (pathname === '/token') {
      state.asked.token = new URLSearchParams(Buffer.concat(chunks).toString());
      state.asked.credentials = request.headers.authorization ?? '';
      if (state.status !== undefined) return send(state.status, { error: 'invalid_grant' });
      const code = state.asked.token.get('code') ?? '';
      return send(200, {
        access_token: 'a',
        token_type: 'Bearer',
        expires_in: 60,
        id_token: await idToken(code),
      });
    }
    return send(200, {
      ...{ issuer: state.issuer, authorization_endpoint: `${state.issuer}/authorize` },
      ...{ token_endpoint: `${state.issuer}/token`, jwks_uri: `${state.issuer}/jwks` },
      ...{ userinfo_endpoint: `${state.issuer}/userinfo`, response_types_supported: ['code'] },
      ...{ id_token_signing_alg_values_supported: ['RS256', 'none'], subject_types_supported: ['public'] },
      ...{ authorization_response_iss_parameter_supported: true, ...state.metadata },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const state: RogueProvider = {
    issuer: `http://localhost:${(server.address() as AddressInfo).port}`,
    ...{ key, claims: {}, userinfo: {}, forge: undefined, metadata: {}, status: undefined, asked: {} },
    answer: (authorizationUrl, changes = {}) => {
      const asked = new URL(authorizationUrl).searchParams;
      state.asked.authorization = asked;
      const code = `code-${nonces.size}`;
      nonces.set(code, asked.get('nonce') ?? '');
      const back = new URL(asked.get('redirect_uri') ?? '');
      const answer = { code, state: asked.get('state') ?? '', iss: state.issuer, ...changes };
      for (const [name, value] of Object.entries(answer)) {
        if (value !== undefined) back.searchParams.set(name, value);
      }
      return back.href;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
