// The demo's EHR, honest or not: deposits launch contexts, and a clinician in a browser of her own.
import { randomUUID } from 'node:crypto';
import { importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { CLINIC_SCOPES, DEMO_CLINIC_APP, DEMO_EHR, ehrKeys } from '../../src/demo/seed-launches.ts';
import { type AuthorizationRequest, authorizationRequest } from './app-client.ts';
import { JWT_BEARER, seconds } from './backend-client.ts';
import { csrfIn, type TestBrowser } from './browser.ts';
import type { World } from './world.ts';

export interface EhrAssertion {
  readonly key?: JWK;
  readonly alg?: 'RS384' | 'ES384';
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

export async function ehrAssertion(world: World, assertion: EhrAssertion = {}): Promise<string> {
  const { alg = 'ES384', claims = {}, header = {} } = assertion;
  const kept = await ehrKeys(world.config.dataDirectory);
  const key = assertion.key ?? (kept.find((one) => one.alg === alg) as JWK);
  const honest = {
    iss: DEMO_EHR,
    sub: DEMO_EHR,
    aud: `${world.issuer}/launch-contexts`,
    exp: seconds() + 300,
  };
  const payload = { ...honest, jti: randomUUID(), ...claims } as JWTPayload;
  const protectedHeader = { alg, kid: key.kid, typ: 'JWT', ...header } as JWTHeaderParameters;
  return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(await importJWK(key, alg));
}

/** What is open in the EHR: Maya Chen, in a visit. */
export const OPEN = {
  app: DEMO_CLINIC_APP,
  user: { fhirUser: 'Practitioner/robin-hale', name: 'Dr. Robin Hale' },
  patient: 'maya-chen',
  encounter: 'maya-chen-visit-2026-08-19',
  fhirContext: [{ reference: 'ImagingStudy/7' }],
  needPatientBanner: false,
  smartStyleUrl: 'https://ehr.example/style/1.json',
  intent: 'review-results',
  tenant: 'harbor-east',
};

/** `changes` replaces members, undefined leaves one out. */
export async function deposit(
  world: World,
  changes: Readonly<Record<string, unknown>> = {},
  assertion: EhrAssertion | string = {},
): Promise<Response> {
  const body = {
    client_assertion_type: JWT_BEARER,
    client_assertion: typeof assertion === 'string' ? assertion : await ehrAssertion(world, assertion),
    ...OPEN,
    ...changes,
  };
  return fetch(`${world.issuer}/launch-contexts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export async function launchValue(world: World, changes: Readonly<Record<string, unknown>> = {}) {
  const response = await deposit(world, changes);
  if (response.status !== 201) throw new Error(`the deposit was refused: ${await response.text()}`);
  return ((await response.json()) as { launch: string }).launch;
}

/** The authorization request of the app that the EHR opened. */
export function launchRequest(
  world: World,
  launch: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): AuthorizationRequest {
  return authorizationRequest(world, {
    ...{ client_id: DEMO_CLINIC_APP, scope: `${CLINIC_SCOPES} offline_access`, launch },
    ...changes,
  });
}

/** The clinician's answer on the page of the launch; ends with the URL that the app receives, or another page. */
export async function goOn(browser: TestBrowser, page: { html: string }, decision = 'continue') {
  const action = /<form class="ehr-launch" method="post" action="([^"]+)"/.exec(page.html)?.[1];
  if (action === undefined) throw new Error(`this is not the page of a launch: ${page.html.slice(0, 300)}`);
  const decided = await browser.form(action, [
    ['csrf', csrfIn(page.html)],
    ['decision', decision],
  ]);
  return browser.open(decided.headers.get('location') ?? decided.url);
}

export async function redeemLaunch(world: World, request: AuthorizationRequest, callback: string) {
  return fetch(`${world.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: new URL(callback).searchParams.get('code') ?? '',
      redirect_uri: request.redirectUri,
      client_id: DEMO_CLINIC_APP,
      code_verifier: request.verifier,
    }),
  });
}
