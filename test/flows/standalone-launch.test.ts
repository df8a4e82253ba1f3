import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { authorizationRequest, readFhir, redeem, refresh } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { createWorld, databases, type World } from '../setup/world.ts';

describe.each(databases)('a patient connects an app, on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());

  async function connect(choices?: readonly string[]) {
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url, choices === undefined ? {} : { choices });
    const response = await redeem(world, request, callback);
    return { request, callback, response, tokens: (await response.json()) as Record<string, string> };
  }

  test('the token response has what SMART app-launch, "Obtain access token" asks for', async () => {
    const { request, callback, response, tokens } = await connect();
    expect(callback.searchParams.get('state')).toBe(request.state);
    expect(callback.searchParams.get('iss')).toBe(world.issuer); // RFC 9207 §2
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('pragma')).toBe('no-cache');
    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      expires_in: 300,
      patient: 'ana-rivera',
      purpose_of_use: 'PATRQT',
    });
    const { payload } = await jwtVerify(
      tokens.id_token ?? '',
      createRemoteJWKSet(new URL(`${world.issuer}/jwks`)),
      {
        issuer: world.issuer,
        audience: world.clientId,
        algorithms: ['RS256'],
      },
    );
    expect(payload.fhirUser).toBe(`${world.fhirBase}/Patient/ana-rivera`);
  });

  test('what the patient leaves out is in no token, answer or read (SMART §granular consent)', async () => {
    const { tokens } = await connect(['Patient.view', 'Observation.laboratory.view']);
    const laboratory =
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
    const granted = tokens.scope?.split(' ').sort();
    expect(granted).toEqual(
      ['fhirUser', 'launch/patient', laboratory, 'offline_access', 'openid', 'patient/Patient.rs'].sort(),
    );
    const answer = await world.introspect(tokens.access_token ?? '');
    expect(answer).toMatchObject({
      active: true,
      scope: tokens.scope,
      client_id: world.clientId,
      patient: 'ana-rivera',
      aud: world.fhirBase,
      iss: world.issuer,
      purpose_of_use: 'PATRQT',
    });
    const vitals = await readFhir(world, tokens.access_token ?? '', 'Observation?category=vital-signs');
    expect(vitals.status).toBe(403);
    const refreshed = (await (await refresh(world, tokens.refresh_token ?? '')).json()) as Record<
      string,
      string
    >;
    expect(refreshed).toMatchObject({ scope: tokens.scope, patient: 'ana-rivera', expires_in: 300 });
  });

  test('after Stop the next read and the next refresh are refused', async () => {
    const { tokens } = await connect();
    expect((await readFhir(world, tokens.access_token ?? '', 'Patient/ana-rivera')).status).toBe(200);
    const page = await patient.open(`/my/apps/${world.clientId}/stop`);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const stopped = await patient.form(`/my/apps/${world.clientId}/stop`, [['csrf', csrf]]);
    expect(stopped.status).toBe(200);
    expect((await readFhir(world, tokens.access_token ?? '', 'Patient/ana-rivera')).status).toBe(401);
    expect(await world.introspect(tokens.access_token ?? '')).toEqual({ active: false });
    const refused = await refresh(world, tokens.refresh_token ?? '');
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
  });
});
