// Who a patient is, proved at an identity provider (NIST SP 800-63A-4): first passkeys without an invitation, levels that
// are asked for, and what tokens carry of them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { recordDemographics } from '../../src/registry/patient-demographics.ts';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { decide, readOf } from '../setup/decisions.ts';
import { enrolLink, prove, providerLinks } from '../setup/identity.ts';
import { invitationFor } from '../setup/invite.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

const [IAL1, IAL2] = [1, 2].map((level) => `http://idmanagement.gov/ns/assurance/ial/${level}`);

let world: World;

beforeAll(async () => {
  world = await createWorld('embedded', { POSTERN_REQUIRED_IAL: 'purpose:FAMRQT=IAL2' });
});
afterAll(() => world.stop());

const patientNamed = (name: string) => world.store.prisma.patient.findFirstOrThrow({ where: { name } });
const eventsOf = (type: string) =>
  world.store.prisma.auditEvent.findMany({ where: { type }, orderBy: { id: 'asc' } });
const claimsIn = (idToken: string) =>
  JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

describe('without an invitation', () => {
  let ana: TestBrowser;

  test('she proves who she is, makes a passkey, and goes on with the request of the app', async () => {
    ana = new TestBrowser(world.issuer);
    const request = authorizationRequest(world);
    const signIn = await ana.open(request.url);
    expect(signIn.html).toContain('Prove who you are with Demo ID');
    const link = /href="(\/interaction\/[^"]+\/enrol)"/.exec(signIn.html)?.[1] ?? '';
    const proofed = await prove(world, ana, await enrolLink(ana, link), 'demo-ana-rivera 2');
    expect(proofed.html).toContain('Hello, Ana Rivera');
    const made = await ana.makePasskey(proofed);
    const { next } = (await made.json()) as { next: string };
    const callback = await ana.authorize(next);
    const tokens = (await (await redeem(world, request, callback)).json()) as Record<string, string>;
    expect(claimsIn(tokens.id_token ?? '')).toMatchObject({
      ial: 'IAL2',
      acr: 'phr',
      amr: expect.any(Array),
    });
    expect(Object.keys(tokens)).not.toEqual(expect.arrayContaining(['ial']));
    expect(await world.introspect(tokens.access_token ?? '')).toMatchObject({
      ...{ active: true, ial: 'IAL2', acr: 'phr', amr: expect.arrayContaining(['pop']) },
      auth_time: expect.any(Number),
    });
  });

  test('what is kept: issuer, level, when, which evidence, until when, and the passkey that it was bound to', async () => {
    const { id: patientId } = await patientNamed('Ana Rivera');
    const proofing = await world.store.prisma.identityProofing.findFirstOrThrow({
      where: { patientId },
      include: { passkeys: true },
    });
    expect(proofing).toMatchObject({
      ...{ issuer: `http://localhost:${world.config.demo?.identityPort}`, reason: 'enrol', level: 'IAL2' },
      ...{ acr: IAL2, evidenceClass: 'simulated', subjectHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      passkeys: [{ boundBy: 'enrolment' }],
    });
    expect(proofing.expiresAt.getTime() - proofing.proofedAt.getTime()).toBe(365 * 86_400_000);
    const [event] = await eventsOf('identity.proofed');
    expect(event).toMatchObject({ patientId, detail: { level: 'IAL2', for: 'enrol', provider: 'demo-id' } });
    expect(JSON.stringify(event?.detail)).not.toContain('demo-ana-rivera');
    expect(
      await world.store.prisma.patientNotice.count({
        where: { patientId, type: 'patient.identity_proofed' },
      }),
    ).toBe(1);
  });

  test('who has a passkey does not get another one in this way: that would be recovery', async () => {
    const thief = new TestBrowser(world.issuer);
    const page = await prove(world, thief, await enrolLink(thief), 'demo-ana-rivera 2');
    expect([page.response.status, page.html]).toEqual([
      409,
      expect.stringContaining('You already have a passkey'),
    ]);
    expect((await eventsOf('identity.refused')).at(-1)?.detail).toMatchObject({ code: 'has_passkey' });
  });

  test.each([
    ['whom no record is of', 'demo-jordan-blake 2', 403, 'We need to help you in person'],
    ['who was checked in part only', 'demo-maya-chen 1', 403, 'We need a stronger check'],
    ['who stops there', 'deny', 403, 'You did not finish'],
    ['where the provider fails', 'fail', 503, 'The service does not work now'],
  ])('somebody %s reads what to do next', async (_who, as, status, heading) => {
    const browser = new TestBrowser(world.issuer);
    const page = await prove(world, browser, await enrolLink(browser), as);
    expect([page.response.status, page.html]).toEqual([status, expect.stringContaining(heading)]);
    const again = /href="(\/proofing\/[^"]+\/again)"/.exec(page.html)?.[1] ?? '';
    expect(providerLinks(await browser.open(again))).toHaveLength(1);
  });

  test('two records of one name, birth date and ZIP: nobody is matched, and nobody is told of them', async () => {
    const { prisma } = world.store;
    const { id } = await patientNamed('Maya Chen');
    const row = await prisma.patientDemographics.findUniqueOrThrow({ where: { patientId: id } });
    const { id: other } = await patientNamed('James Okafor');
    const james = await prisma.patientDemographics.findUniqueOrThrow({ where: { patientId: other } });
    await prisma.patientDemographics.update({
      where: { patientId: other },
      data: { ...row, patientId: other },
    });
    const browser = new TestBrowser(world.issuer);
    const page = await prove(world, browser, await enrolLink(browser), 'demo-maya-chen 2');
    expect(page.html).toContain('We need to help you in person');
    expect(page.html).not.toMatch(/Maya|James/);
    await prisma.patientDemographics.update({ where: { patientId: other }, data: james });
  });
});

describe('what the operator records of a patient', () => {
  const jordan = { givenName: 'JORDAN', familyName: 'Bláke', birthDate: '1990-04-17' };
  const record = (input: object, id = 'jordan') =>
    recordDemographics(registryDeps(world), commandLine, id, input);

  test('is what she is matched by from then on', async () => {
    await world.store.prisma.patient.create({
      data: { id: 'jordan', userHandle: 'handle', name: 'Jordan Blake' },
    });
    await record({ ...jordan, postalCode: '60601-0001' });
    const browser = new TestBrowser(world.issuer);
    const page = await prove(world, browser, await enrolLink(browser), 'demo-jordan-blake 2');
    expect(page.html).toContain('Hello, Jordan Blake');
    const [event] = await eventsOf('patient.demographics_recorded');
    expect(event).toMatchObject({
      patientId: 'jordan',
      detail: { fields: expect.arrayContaining(['postalCode']) },
    });
    expect(JSON.stringify(event?.detail)).not.toMatch(/60601|1990|blake/i);
  });

  test.each([
    ['no day', { ...jordan, birthDate: '1990-13-01' }, 'jordan', 'input_invalid'],
    ['a field that there is not', { ...jordan, ssn: '1' }, 'jordan', 'input_invalid'],
    ['nobody of ours', jordan, 'nobody', 'record_unknown'],
  ])('%s is refused', async (_what, input, id, reason) => {
    await expect(record(input, id)).rejects.toMatchObject({ reason });
  });
});

describe('a level that is asked for', () => {
  let james: TestBrowser;

  beforeAll(async () => {
    james = new TestBrowser(world.issuer);
    await james.enrol(await invitationFor(world, 'James Okafor'));
  });

  const recordOfJames = (token: string) =>
    readOf(token, {
      resource: { type: 'Patient', id: 'james-okafor', properties: { patient: 'james-okafor' } },
    });

  const connected = async (changes: Record<string, string> = {}) => {
    const request = authorizationRequest(world, changes);
    const callback = await james.authorize(request.url);
    return (await (await redeem(world, request, callback)).json()) as Record<string, string>;
  };

  test('a passkey alone proves no level (NIST SP 800-63-4)', async () => {
    const { access_token: token = '', id_token: idToken = '' } = await connected();
    expect(claimsIn(idToken)).not.toHaveProperty('ial');
    expect(await world.introspect(token)).not.toHaveProperty('ial');
    const answer = await decide(world, { ...recordOfJames(token), context: { acr_values: [IAL2] } });
    expect(answer).toMatchObject({ decision: false, context: { acr_values: IAL2 } });
  });

  test('she may say no: the app hears that it was not met (RFC 9470 §5)', async () => {
    const page = await james.open(authorizationRequest(world, { acr_values: String(IAL2) }).url);
    expect(page.html).toContain('Prove who you are for Lantern Health');
    const action = /<form method="post" action="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const denied = await james.form(action, [
      ['csrf', /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? ''],
    ]);
    const { url } = await james.open(denied.headers.get('location') ?? '');
    expect(new URL(url).searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  test('where nobody can be asked, that is the answer', async () => {
    const { url } = await james.open(
      authorizationRequest(world, { acr_values: String(IAL2), prompt: 'none' }).url,
    );
    expect(new URL(url).searchParams.get('error')).toBe('interaction_required');
  });

  test('the proof of somebody else raises nothing, and less than is asked for does not do', async () => {
    const refused = async (as: string) => {
      const page = await james.open(authorizationRequest(world, { acr_values: String(IAL2) }).url);
      return (await prove(world, james, providerLinks(page)[0] ?? '', as)).html;
    };
    expect(await refused('demo-maya-chen 2')).toContain('We need to help you in person');
    expect(await refused('demo-james-okafor 1')).toContain('We need a stronger check');
    expect((await eventsOf('identity.refused')).slice(-2).map(({ detail }) => detail)).toMatchObject([
      { code: 'another_person' },
      { code: 'level_too_low' },
    ]);
  });

  test('she proves it on the way, and goes on with the same request; from then on her passkey carries it', async () => {
    const request = authorizationRequest(world, { acr_values: `${IAL2}` });
    const page = await james.open(request.url);
    const consent = await prove(world, james, providerLinks(page)[0] ?? '', 'demo-james-okafor 2');
    expect(consent.html).toContain('class="consent"');
    const decided = await james.decide(consent);
    const { url } = await james.open(decided.headers.get('location') ?? '');
    const tokens = (await (await redeem(world, request, new URL(url))).json()) as Record<string, string>;
    expect(await world.introspect(tokens.access_token ?? '')).toMatchObject({ ial: 'IAL2' });
    const permitted = await decide(world, {
      ...recordOfJames(tokens.access_token ?? ''),
      context: { acr_values: [IAL1] },
    });
    expect(permitted.decision).toBe(true);
    james.cookies = [];
    expect(claimsIn((await connected()).id_token ?? '')).toMatchObject({ ial: 'IAL2' });
  });

  test('no token carries a level that its proofing does not outlive', async () => {
    const { id: patientId } = await patientNamed('James Okafor');
    const where = { patientId };
    const { expiresAt } = await world.store.prisma.identityProofing.findFirstOrThrow({ where });
    const soon = new Date(Date.now() + 59 * 60_000);
    await world.store.prisma.identityProofing.updateMany({ where, data: { expiresAt: soon } });
    expect(claimsIn((await connected()).id_token ?? '')).not.toHaveProperty('ial');
    await world.store.prisma.identityProofing.updateMany({ where, data: { expiresAt } });
  });
});

describe('a purpose that requires a level', () => {
  let maya: TestBrowser;
  let strict: World;
  let refreshToken = '';

  beforeAll(async () => {
    strict = { ...world, clientId: await registerApp(world, world.clientId, { purposes: ['FAMRQT'] }) };
    maya = new TestBrowser(world.issuer);
    await maya.enrol(await invitationFor(world, 'Maya Chen'));
  });

  test('leads every patient to prove it, and asks who has proved it no more', async () => {
    const request = authorizationRequest(strict);
    const page = await maya.open(request.url);
    const asked = await maya.open(`${page.url}/proofing/demo-id`);
    expect(new URL(asked.url).searchParams.get('acr_values')).toBe(IAL2);
    const consent = await prove(world, maya, providerLinks(page)[0] ?? '', 'demo-maya-chen 2');
    const decided = await maya.decide(consent);
    const { url } = await maya.open(decided.headers.get('location') ?? '');
    const tokens = (await (await redeem(strict, request, new URL(url))).json()) as Record<string, string>;
    expect(await world.introspect(tokens.access_token ?? '')).toMatchObject({ active: true, ial: 'IAL2' });
    refreshToken = tokens.refresh_token ?? '';
    expect((await maya.open(authorizationRequest(strict).url)).html).toContain('class="consent"');
  });

  test('a passkey that is added in that session carries the same, and one without it does not', async () => {
    const phone = new TestBrowser(world.issuer);
    phone.cookies = [...maya.cookies];
    const made = await phone.makePasskey(await phone.open('/my/security/add'));
    expect(made.status).toBe(200);
    phone.cookies = [];
    const signIn = await phone.open(authorizationRequest(strict).url);
    const { next } = (await (await phone.signIn(signIn)).json()) as { next: string };
    expect((await phone.open(next)).html).toContain('class="consent"');
    const { id: patientId } = await patientNamed('Maya Chen');
    const bound = await world.store.prisma.passkeyProofing.findMany({ where: { passkey: { patientId } } });
    expect(bound.map(({ boundBy }) => boundBy).sort()).toEqual(['passkey', 'step_up']);
  });

  test('nothing new is issued once the proofing is over, and she is led to prove it again', async () => {
    const { id: patientId } = await patientNamed('Maya Chen');
    const renewed = await refresh(strict, refreshToken);
    expect(renewed.status).toBe(200);
    const expiresAt = new Date(Date.now() - 1_000);
    await world.store.prisma.identityProofing.updateMany({ where: { patientId }, data: { expiresAt } });
    const { refresh_token: latest = '' } = (await renewed.json()) as Record<string, string>;
    const refused = await refresh(strict, latest);
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_grant' }),
    ]);
    expect((await maya.open(authorizationRequest(strict).url)).html).toContain('Prove who you are for');
  });
});
