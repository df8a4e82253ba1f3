import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { DEMO_CLINIC_APP } from '../../src/demo/seed-launches.ts';
import { authorizationRequest, readFhir, tokenRequest } from '../setup/app-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { deposit, goOn, launchRequest, launchValue, OPEN, redeemLaunch } from '../setup/ehr-client.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

const CONTEXT = {
  patient: OPEN.patient,
  encounter: OPEN.encounter,
  fhirContext: OPEN.fhirContext,
  need_patient_banner: false,
  smart_style_url: OPEN.smartStyleUrl,
  intent: OPEN.intent,
  tenant: OPEN.tenant,
};

describe.each(['postgresql'] as const)('an EHR opens an app, on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.stop());

  /** From the deposit to the tokens, in a browser that may have a history. */
  async function launchApp(
    changes: Readonly<Record<string, string | undefined>> = {},
    open: Readonly<Record<string, unknown>> = {},
    browser = new TestBrowser(world.issuer),
  ) {
    const request = launchRequest(world, await launchValue(world, open), changes);
    const page = await browser.open(request.url);
    const { url } = await goOn(browser, page);
    const response = await redeemLaunch(world, request, url);
    return { browser, page, url, tokens: (await response.json()) as Record<string, string> };
  }

  const refusedWith = async (request: { url: string }, browser = new TestBrowser(world.issuer)) => {
    const { url } = await browser.open(request.url);
    const { searchParams } = new URL(url);
    return [searchParams.get('error'), searchParams.get('error_description')];
  };
  const UNKNOWN = ['invalid_request', 'launch is not known here'];

  test('the deposit is answered with an opaque value for five minutes, stored as its hash only', async () => {
    const response = await deposit(world);
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { launch, ...rest } = (await response.json()) as Record<string, unknown>;
    expect(launch).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(rest).toEqual({
      ...{ expires_in: 300, iss: world.fhirBase, launch_uris: [`${world.appOrigin}/launch`] },
    });
    const rows = await world.store.prisma.launchContext.findMany();
    expect(JSON.stringify(rows)).not.toContain(launch);
  });

  test('the clinician sees which app opens and what it gets, and neither signs in nor reads a patient’s name', async () => {
    const { page } = await launchApp();
    expect(page.html).toContain('Open Lantern for Clinics?');
    expect(page.html).toContain('Harbor Clinic EHR says that you are Dr. Robin Hale.');
    expect(page.html).toContain('the patient you have open');
    expect(page.html).not.toMatch(/maya|data-passkey/i);
  });

  test('token, refresh and introspection carry all launch parameters (SMART scopes-and-launch-context, "Launch context")', async () => {
    const { tokens } = await launchApp();
    expect(tokens).toMatchObject({ ...CONTEXT, token_type: 'Bearer', purpose_of_use: 'TREAT' });
    const parameters = {
      ...{
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token ?? '',
        client_id: DEMO_CLINIC_APP,
      },
    };
    const refreshed = (await (await tokenRequest(world, parameters)).json()) as Record<string, string>;
    expect(refreshed).toMatchObject({ ...CONTEXT, scope: tokens.scope });
    for (const token of [tokens.access_token, refreshed.access_token]) {
      const answer = await world.introspect(token ?? '');
      expect(answer).toMatchObject({ ...CONTEXT, active: true, sub: decodeJwt(tokens.id_token ?? '').sub });
    }
  });

  test('the user is the Practitioner of her EHR, in the id_token and at the FHIR server (permission-user)', async () => {
    const { tokens } = await launchApp();
    expect(decodeJwt(tokens.id_token ?? '').fhirUser).toBe(`${world.fhirBase}/Practitioner/robin-hale`);
    const read = (path: string) => readFhir(world, tokens.access_token ?? '', path);
    expect((await read('Practitioner/robin-hale')).status).toBe(200);
    expect((await read(`Encounter/${OPEN.encounter}`)).status).toBe(200);
    expect((await read('Patient/ana-rivera')).status).toBe(403);
    const again = await launchApp();
    expect(decodeJwt(again.tokens.id_token ?? '').sub).toBe(decodeJwt(tokens.id_token ?? '').sub);
  });

  test('the decision is the user’s, about the patient in context, and is no sharing of hers in My apps', async () => {
    const { tokens } = await launchApp();
    const { prisma } = world.store;
    const maya = await prisma.patient.findFirstOrThrow({ where: { name: 'Maya Chen' } });
    const consent = await prisma.consent.findFirstOrThrow({ orderBy: { decidedAt: 'desc' } });
    expect(consent).toMatchObject({
      ...{ patientId: maya.id, accountId: decodeJwt(tokens.id_token ?? '').sub, purpose: 'TREAT' },
      launchContext: CONTEXT,
    });
    const events = await prisma.auditEvent.findMany({ where: { accountId: consent.accountId } });
    const types = new Set(events.filter(({ patientId }) => patientId === maya.id).map(({ type }) => type));
    const told = ['launch.deposited', 'launch.used', 'consent.granted', 'token.issued', 'decision.permitted'];
    expect(types).toEqual(new Set(told));
  });

  test('a launch value is used up by one request, also in parallel', async () => {
    const request = launchRequest(world, await launchValue(world));
    const pages = await Promise.all(
      Array.from({ length: 5 }, () => new TestBrowser(world.issuer).open(request.url)),
    );
    expect(pages.filter(({ html }) => html.includes('class="ehr-launch"'))).toHaveLength(1);
    expect(await refusedWith(request)).toEqual(UNKNOWN);
  });

  test('unknown, expired, of another app, of another FHIR base: the same refusal, and nothing of the patient', async () => {
    expect(await refusedWith(launchRequest(world, 'none'))).toEqual(UNKNOWN);
    const other = await registerApp(world, DEMO_CLINIC_APP, {});
    const changes = { client_id: other };
    expect(await refusedWith(launchRequest(world, await launchValue(world), changes))).toEqual(UNKNOWN);
    const late = launchRequest(world, await launchValue(world));
    world.clock.advance(300_000);
    expect(await refusedWith(late)).toEqual(UNKNOWN);
    const { prisma } = world.store;
    const base = 'https://other.example/fhir';
    await prisma.fhirBase.create({
      data: { url: base, slug: 'other', resourceServerId: 'demo-fhir-server' },
    });
    await changeApp(world, DEMO_CLINIC_APP, { audiences: [world.fhirBase, base] });
    expect(await refusedWith(launchRequest(world, await launchValue(world), { aud: base }))).toEqual(UNKNOWN);
  });

  test('a patient’s session in that browser neither speaks for the clinician nor becomes hers', async () => {
    const patient = await world.patientBrowser();
    const own = await patient.authorize(authorizationRequest(world).url);
    expect(own.searchParams.get('code')).not.toBeNull();
    const { tokens } = await launchApp({}, {}, patient);
    expect(decodeJwt(tokens.id_token ?? '').fhirUser).toBe(`${world.fhirBase}/Practitioner/robin-hale`);
    // What goes on in the browser without the EHR asks who is there.
    const next = await patient.open(authorizationRequest(world).url);
    expect(next.html).toContain('data-passkey="sign-in"');
    expect((await patient.open('/my')).html).toContain('data-passkey="sign-in"');
    await patient.signIn(next);
  });

  test('the patient’s session stays where the clinician cancels, and the app hears access_denied', async () => {
    const patient = new TestBrowser(world.issuer);
    const invitation = await world.invite();
    await patient.enrol(invitation);
    const request = launchRequest(world, await launchValue(world));
    const { url } = await goOn(patient, await patient.open(request.url), 'deny');
    expect(new URL(url).searchParams.get('error')).toBe('access_denied');
    expect((await patient.open('/my')).html).not.toContain('data-passkey="sign-in"');
  });

  test('after a launch the patient can sign in on the same browser and share', async () => {
    const { browser } = await launchApp();
    const patient = await world.patientBrowser();
    Object.assign(browser, { authenticator: patient.authenticator });
    const callback = await browser.authorize(authorizationRequest(world).url);
    expect(callback.searchParams.get('code')).not.toBeNull();
  });

  test('what the EHR has not opened is not granted: no patient scopes without a patient', async () => {
    const nobody = { patient: undefined, encounter: undefined };
    const { tokens } = await launchApp(
      { scope: 'launch launch/encounter openid fhirUser patient/Patient.rs' },
      nobody,
    );
    expect(tokens.scope).toBe('launch openid fhirUser');
    expect(tokens).not.toHaveProperty('patient');
    const request = launchRequest(world, await launchValue(world, nobody), {
      scope: 'launch patient/Patient.rs',
    });
    expect((await refusedWith(request))[0]).toBe('invalid_scope');
  });

  test('prompt=login is answered by the EHR’s session, prompt=none by interaction_required', async () => {
    const { tokens } = await launchApp({ prompt: 'login consent' });
    expect(tokens.access_token).toBeDefined();
    const request = launchRequest(world, await launchValue(world), { prompt: 'none' });
    expect((await refusedWith(request))[0]).toBe('interaction_required');
  });

  test('without `launch` the scope of that name asks for nothing', async () => {
    const request = authorizationRequest(world, {
      client_id: DEMO_CLINIC_APP,
      scope: 'launch openid fhirUser',
    });
    const { html } = await new TestBrowser(world.issuer).open(request.url);
    expect(html).toContain('data-passkey="sign-in"');
    const asked = await world.store.prisma.oidcPayload.findFirstOrThrow({
      ...{ where: { model: 'Interaction' }, orderBy: { issuedAt: 'desc' } },
    });
    expect((asked.payload as { params: { scope: string } }).params.scope).toBe('openid fhirUser');
  });

  test('an EHR that was suspended opens nothing more, and what its users opened ends at once', async () => {
    const { prisma } = world.store;
    const { tokens } = await launchApp();
    expect(await world.introspect(tokens.access_token ?? '')).toMatchObject({ active: true });
    const request = launchRequest(world, await launchValue(world));
    await prisma.ehr.updateMany({ data: { suspendedAt: new Date() } });
    expect(await refusedWith(request)).toEqual(UNKNOWN);
    expect((await deposit(world)).status).toBe(401);
    expect(await world.introspect(tokens.access_token ?? '')).toEqual({ active: false });
    // RFC 6749 §6: refused before it is used up, so that the app goes on where it was once the EHR is trusted again.
    const renew = () =>
      tokenRequest(world, {
        ...{ grant_type: 'refresh_token', client_id: DEMO_CLINIC_APP },
        refresh_token: tokens.refresh_token ?? '',
      });
    const refused = await renew();
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    await prisma.ehr.updateMany({ data: { suspendedAt: null } });
    expect((await renew()).status).toBe(200);
  });
});
