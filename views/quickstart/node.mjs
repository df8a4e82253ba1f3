// npm install openid-client@6
import { createServer } from 'node:http';
import * as client from 'openid-client';

const redirectUri = '{{redirectUri}}';
const fhirBase = '{{fhirBase}}';
const secret = process.env.CLIENT_SECRET;
const proof = secret ? client.ClientSecretBasic(secret) : client.None();
// Only for a server on this machine:
const options = '{{issuer}}'.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {};
const config = await client.discovery(new URL('{{issuer}}'), '{{clientId}}', undefined, proof, options);

const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const expectedNonce = client.randomNonce();
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: '{{scope}}',
  aud: fhirBase,
  state: expectedState,
  nonce: expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
});
console.log(`Open ${url}`);

const callback = await new Promise((resolve) => {
  const server = createServer((request, response) => {
    const at = new URL(request.url, redirectUri);
    if (at.pathname !== new URL(redirectUri).pathname) return response.writeHead(404).end();
    response.setHeader('Connection', 'close').end('You can close this page.');
    server.close();
    resolve(at);
  }).listen(Number(new URL(redirectUri).port), new URL(redirectUri).hostname);
});

const tokens = await client.authorizationCodeGrant(config, callback, {
  ...{ pkceCodeVerifier, expectedState, expectedNonce },
});
const answer = await fetch(`${fhirBase}/Observation?patient=${tokens.patient}`, {
  headers: { Authorization: `Bearer ${tokens.access_token}` },
});
const bundle = await answer.json();
console.log(`${bundle.entry?.length ?? 0} results of ${tokens.patient}`);
