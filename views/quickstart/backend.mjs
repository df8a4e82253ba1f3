// npm install openid-client@6 jose
import { readFile } from 'node:fs/promises';
import { importJWK } from 'jose';
import * as client from 'openid-client';

// The private key whose public half is registered, as a JWK with kid and alg.
const { kid, alg, ...jwk } = JSON.parse(await readFile(process.env.PRIVATE_KEY_FILE, 'utf8'));
const key = await importJWK(jwk, alg);
// SMART asks for a typ that openid-client leaves out.
const withType = { [client.modifyAssertion]: (header) => Object.assign(header, { typ: 'JWT' }) };
const proof = client.PrivateKeyJwt({ key, kid }, withType);
// Only for a server on this machine:
const execute = '{{issuer}}'.startsWith('http:') ? [client.allowInsecureRequests] : [];
const config = await client.discovery(new URL('{{issuer}}'), '{{clientId}}', undefined, proof, {
  ...{ algorithm: 'oauth2', execute },
});

const tokens = await client.clientCredentialsGrant(config, { scope: '{{scope}}' });
const answer = await fetch('{{fhirBase}}/Patient', {
  headers: { Authorization: `Bearer ${tokens.access_token}` },
});
const bundle = await answer.json();
console.log(`${bundle.entry?.length ?? 0} patients`);
