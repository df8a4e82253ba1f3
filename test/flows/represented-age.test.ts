import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { commandLine } from '../../src/policy/permissions.ts';
import { recordBirthDate } from '../../src/registry/birth-dates.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import {
  changeRepresentation,
  endRepresentation,
  recordRepresentation,
} from '../../src/registry/representations.ts';
import { ASKED, authorizationRequest, readFhir, redeem, refresh } from '../setup/app-client.ts';
import { type Consent, choicesIn, csrfIn, TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

const DAY_MS = 86_400_000;
const EVERYTHING = `${ASKED} patient/Condition.rs patient/MedicationRequest.rs`;

let world: World;
let deps: RegistryDeps;
let ana: TestBrowser;
const ids: Record<string, string> = {};

/** The day on which somebody of that age was born, so many days before or after. */
const bornAt = (years: number, days = 0): string => {
  const day = new Date(Date.now() + days * DAY_MS);
  return new Date(Date.UTC(day.getUTCFullYear() - years, day.getUTCMonth(), day.getUTCDate()))
    .toISOString()
    .slice(0, 10);
};
const born = (name: string, birthDate: string) =>
  recordBirthDate(deps, commandLine, ids[name] ?? '', { birthDate });
const appoint = async (name: string, changes: Record<string, unknown> = {}) => {
  const right = { representativeId: ids['Ana Rivera'], patientId: ids[name], relationship: 'parent' };
  const given = { ...right, basis: 'minority', evidence: 'Birth certificate', ...changes };
  return (await recordRepresentation(deps, commandLine, given)).representationId;
};

async function connect(patient: string, consent: Consent = {}, scope = EVERYTHING) {
  const request = authorizationRequest(world, { scope });
  const callback = await ana.authorize(request.url, { patient, ...consent });
  return { request, callback, redeemed: () => redeem(world, request, callback) };
}
const tokensOf = async (...given: Parameters<typeof connect>) =>
  (await (await (await connect(...given)).redeemed()).json()) as Record<string, string>;
const pageFor = async (patient: string, scope = EVERYTHING) =>
  ana.choosePatient(await ana.open(authorizationRequest(world, { scope }).url), patient);
const read = ({ access_token = '' }: Record<string, string>, path: string) =>
  readFhir(world, access_token, path).then(({ status }) => status);
const isActive = async (tokens: Record<string, string>) =>
  (await world.introspect(tokens.access_token ?? '')).active;
const refreshed = async ({ refresh_token = '' }: Record<string, string>) =>
  (await refresh(world, refresh_token)).status;
const offered = (html: string) => choicesIn(html).map(({ id }) => id);

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
  for (const { id, name } of await world.store.prisma.patient.findMany()) ids[name] = id;
});
beforeEach(async () => {
  await world.store.prisma.representation.deleteMany();
  await world.store.prisma.patient.updateMany({ where: { id: ids['Maya Chen'] }, data: { birthDate: null } });
});
afterAll(() => world.stop());

describe('a child', () => {
  test('her parent shares whatever there is, at most until the rules change', async () => {
    await born('Maya Chen', bornAt(13, 40));
    await appoint('Maya Chen');
    const page = await pageFor('Maya Chen');
    expect(offered(page.html)).toEqual(
      expect.arrayContaining(['Observation.survey.view', 'Observation.view']),
    );
    expect(page.html).toContain('value="30"');
    expect(page.html).not.toContain('value="90"');
    // What was never offered cannot be sent.
    expect((await ana.decide(page, { duration: '90' })).status).toBe(422);
    const tokens = await tokensOf('Maya Chen', { duration: '30' });
    expect(await read(tokens, 'Patient/maya-chen')).toBe(200);
  });

  test('shared once, an hour before the right ends: it ends there, however long a session may last', async () => {
    await born('Maya Chen', bornAt(9));
    const endsAt = new Date(Date.now() + 3_600_000);
    await appoint('Maya Chen', { endsAt: endsAt.toISOString() });
    await tokensOf('Maya Chen', { duration: 'once' });
    const last = { orderBy: { decidedAt: 'desc' } } as const;
    expect((await world.store.prisma.consent.findFirstOrThrow(last)).expiresAt).toEqual(endsAt);
  });
});

describe('a teenager', () => {
  test('what is confidential is not offered, cannot be sent, and is not read', async () => {
    await appoint('Zoe Rivera');
    const page = await pageFor('Zoe Rivera');
    expect(page.html).toContain('Some parts are for Zoe Rivera alone.');
    const choices = offered(page.html);
    expect(choices).toContain('Observation.laboratory.view');
    for (const hidden of ['Observation.view', 'Observation.survey.view', 'Condition.health-concern.view']) {
      expect(choices).not.toContain(hidden);
      expect((await ana.decide(page, { choices: ['Patient.view', hidden] })).status).toBe(400);
    }
    const tokens = await tokensOf('Zoe Rivera');
    expect(tokens.scope?.split(' ')).not.toContain('patient/Observation.rs');
    const lab = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
    const search = await readFhir(
      world,
      tokens.access_token ?? '',
      `Observation?patient=zoe-rivera&category=${encodeURIComponent(lab)}`,
    );
    const text = await search.text();
    expect([search.status, text.includes('Hemoglobin'), text.includes('Chlamydia')]).toEqual([
      200,
      true,
      false,
    ]);
  });

  test('of whom nobody knows the birth date, the same; and somebody must say when the right ends', async () => {
    await expect(appoint('Maya Chen')).rejects.toMatchObject({
      faults: [{ field: 'endsAt', code: 'representation_end_required' }],
    });
    await appoint('Maya Chen', { endsAt: '2199-01-01' });
    expect(offered((await pageFor('Maya Chen')).html)).not.toContain('Observation.survey.view');
  });

  test('known later to be one: what her parent shared of it as a child’s ends at once', async () => {
    await born('Maya Chen', bornAt(9));
    await appoint('Maya Chen');
    const [tokens, harmless] = [
      await tokensOf('Maya Chen'),
      await tokensOf('Maya Chen', { choices: ['Patient.view'] }),
    ];
    expect(await born('Maya Chen', bornAt(14))).toEqual({ endedGrants: 1 });
    expect([await isActive(tokens), await refreshed(tokens)]).toEqual([false, 400]);
    expect([await isActive(harmless), await refreshed(harmless)]).toEqual([true, 200]);
    expect((await ana.open('/my')).html).toContain('Ended on');
  });
});

describe('of age', () => {
  test('the right of a parent is over, and with it what was shared; that of a court goes on', async () => {
    await born('Maya Chen', bornAt(17));
    await appoint('Maya Chen');
    const tokens = await tokensOf('Maya Chen');
    await born('Maya Chen', bornAt(18, -3));
    expect([
      await isActive(tokens),
      await refreshed(tokens),
      await read(tokens, 'Patient/maya-chen'),
    ]).toEqual([...[false, 400, 401]]);
    expect((await ana.open(authorizationRequest(world).url)).html).not.toContain('name="record"');
    await expect(appoint('Maya Chen')).rejects.toMatchObject({ faults: [{ code: 'age_unfit' }] });

    await appoint('Maya Chen', { basis: 'court_order', relationship: 'guardian' });
    expect(offered((await pageFor('Maya Chen')).html)).toContain('Observation.survey.view');
    expect(await read(await tokensOf('Maya Chen'), 'Patient/maya-chen')).toBe(200);
  });

  test('the birthday that comes between consent and token: no token', async () => {
    await born('Maya Chen', bornAt(17));
    await appoint('Maya Chen');
    const { redeemed } = await connect('Maya Chen');
    // As if it were set by hand, past the command that ends what was shared.
    const birthDate = new Date(`${bornAt(18, -3)}T00:00:00Z`);
    await world.store.prisma.patient.update({ where: { id: ids['Maya Chen'] ?? '' }, data: { birthDate } });
    expect((await redeemed()).status).toBe(400);
  });
});

describe('the scope of a representation', () => {
  test('narrows what is asked, says so, and cannot be got round by the form', async () => {
    await appoint('Zoe Rivera', {
      scope:
        'patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item patient/Patient.rs',
    });
    const page = await pageFor('Zoe Rivera');
    expect(page.html).toContain('Your right to act for Zoe Rivera does not cover these parts.');
    expect(offered(page.html)).toEqual(['Patient.view', 'Condition.problem-list-item.view']);
    expect((await ana.decide(page, { choices: ['Observation.laboratory.view'] })).status).toBe(400);
    const tokens = await tokensOf('Zoe Rivera');
    expect(await read(tokens, 'Observation?patient=zoe-rivera')).toBe(403);
    expect(await read(tokens, 'Patient/zoe-rivera')).toBe(200);
  });

  test('narrowed, what was shared under it ends at once; extended, it goes on; ended, both end', async () => {
    const first = await appoint('Zoe Rivera', { endsAt: '2028-01-01' });
    const early = await tokensOf('Zoe Rivera');
    const { representationId: longer } = await changeRepresentation(deps, commandLine, first, {
      ...{ endsAt: '2028-06-01', evidence: 'Letter' },
    });
    const later = await tokensOf('Zoe Rivera');
    expect([await isActive(early), await isActive(later)]).toEqual([true, true]);
    const { representationId: narrower } = await changeRepresentation(deps, commandLine, longer, {
      ...{ scope: 'patient/Patient.rs', evidence: 'Letter' },
    });
    expect([await isActive(early), await isActive(later), await refreshed(later)]).toEqual([
      false,
      false,
      400,
    ]);
    const last = await tokensOf('Zoe Rivera');
    expect(await read(last, 'Patient/zoe-rivera')).toBe(200);
    const { redeemed } = await connect('Zoe Rivera');
    await endRepresentation(deps, commandLine, narrower);
    expect([
      await read(last, 'Patient/zoe-rivera'),
      await refreshed(last),
      (await redeemed()).status,
    ]).toEqual([...[401, 400, 400]]);
    const rows = await world.store.prisma.representation.findMany({ orderBy: { recordedAt: 'asc' } });
    expect(rows.map(({ firstId, endedAt }) => [firstId, endedAt !== null])).toEqual([
      [null, true],
      [first, true],
      [first, true],
    ]);
  });
});

test('who acts for another is a RelatedPerson there, and says so everywhere alike', async () => {
  const fhirUsers = [{ fhirBaseUrl: world.fhirBase, fhirUser: 'RelatedPerson/ana-for-zoe' }];
  await appoint('Zoe Rivera', { fhirUsers });
  const tokens = await tokensOf('Zoe Rivera');
  const fhirUser = `${world.fhirBase}/RelatedPerson/ana-for-zoe`;
  expect(tokens.patient).toBe('zoe-rivera');
  expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ sub: ids['Ana Rivera'], fhirUser });
  expect(await world.introspect(tokens.access_token ?? '')).toMatchObject({
    ...{ active: true, fhirUser, patient: 'zoe-rivera', sub: ids['Ana Rivera'] },
  });
  const again = (await (await refresh(world, tokens.refresh_token ?? '')).json()) as Record<string, string>;
  expect(decodeJwt(again.id_token ?? '')).toMatchObject({ fhirUser });
  expect((await ana.open(authorizationRequest(world).url)).html).toContain(
    'You may act for this person as a parent. Until',
  );
});

describe('/my/people', () => {
  let james: TestBrowser;
  let zoe: TestBrowser;
  const endUrl = (id: string) => `/my/people/${id}/end`;
  const post = async (browser: TestBrowser, id: string, from = '/my') =>
    browser.form(endUrl(id), [['csrf', csrfIn((await browser.open(from)).html)]]);

  beforeAll(async () => {
    james = new TestBrowser(world.issuer);
    await james.enrol(await invitationFor(world, 'James Okafor'));
    zoe = new TestBrowser(world.issuer);
    await zoe.enrol(await invitationFor(world, 'Zoe Rivera'));
  });

  test('an adult sees who may act for him, on what evidence, and ends what he gave', async () => {
    const id = await appoint('James Okafor', {
      ...{ relationship: 'caregiver', basis: 'named', scope: 'patient/MedicationRequest.rs' },
      evidence: 'Form 7, signed',
    });
    const tokens = await tokensOf('James Okafor', {}, EVERYTHING);
    const { html } = await james.open('/my/people');
    for (const words of [
      'Ana Rivera',
      'Caregiver',
      'You chose this person',
      'Form 7, signed',
      'To see: Medicines',
    ])
      expect(html).toContain(words);
    expect((await ana.open('/my/people')).html).toContain('James Okafor');
    expect(await isActive(tokens)).toBe(true);
    const page = await james.open(endUrl(id));
    expect(page.html).toContain('End the right of Ana Rivera to act for you?');
    expect((await james.form(endUrl(id), [])).status).toBe(403);
    expect((await post(james, id, endUrl(id))).status).toBe(303);
    expect([await isActive(tokens), await refreshed(tokens)]).toEqual([false, 400]);
    expect((await james.open('/my/people')).html).toContain('Ana Rivera could act for you until');
    const last = { where: { type: 'representation.ended' }, orderBy: { id: 'desc' } } as const;
    expect(await world.store.prisma.auditEvent.findFirst(last)).toMatchObject({
      ...{ accountId: ids['James Okafor'], patientId: ids['James Okafor'] },
    });
    // Sent again, it is over, as he wanted.
    expect((await post(james, id)).status).toBe(303);
  });

  test('a teenager sees it and cannot end it, nor what a court ordered, nor can anybody end another’s', async () => {
    const parent = await appoint('Zoe Rivera');
    const court = await appoint('James Okafor', { basis: 'court_order', relationship: 'guardian' });
    const { html } = await zoe.open('/my/people');
    expect(html).toContain('You cannot end this here before you are an adult.');
    expect(html).toContain('Some parts of your record are for you alone. Ana Rivera cannot share them.');
    expect((await james.open('/my/people')).html).toContain('You cannot end this here, for a court said so.');
    for (const [browser, id] of [
      ...([
        [zoe, parent],
        [james, court],
        [james, parent],
        [ana, parent],
        [zoe, 'nothing'],
      ] as const),
    ]) {
      expect((await browser.open(endUrl(id))).response.status).toBe(404);
      expect((await post(browser, id)).status).toBe(404);
    }
    expect(await world.store.prisma.representation.count({ where: { endedAt: null } })).toBe(2);
  });

  test('nobody signed in, or not with a passkey just now: first that', async () => {
    const id = await appoint('James Okafor', { basis: 'named', relationship: 'caregiver' });
    const stranger = new TestBrowser(world.issuer);
    expect((await stranger.open('/my/people')).url).toContain('/my/verify');
    world.clock.advance(6 * 60_000);
    expect((await james.open(endUrl(id))).url).toContain('/my/verify');
    const sent = await post(james, id);
    expect([sent.status, sent.headers.get('location')]).toEqual([303, expect.stringContaining('/my/verify')]);
    expect(await world.store.prisma.representation.count({ where: { endedAt: null } })).toBe(1);
  });
});
