// A consent that is paused, narrowed, widened, shortened or extended: what every door says from the commit on, and that no
// race leaves a token which is worth more than the patient shares.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Amendment, amendConsents, pauseGrants, resumeGrants } from '../../src/store/consent-changes.ts';
import { readFhir, refresh } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect, reasonsOf, refusalOf } from '../setup/connection.ts';
import { latestRefusal } from '../setup/refusals.ts';
import { createWorld, databases, type World } from '../setup/world.ts';

const DAY = 86_400_000;
const OTHERS = 'launch/patient openid fhirUser offline_access';
const LABORATORY =
  'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

const CHOSEN = ['Patient.view', 'Observation.laboratory.view'];

type Tokens = Readonly<Record<string, string>>;
const namesIn = ({ scope = '' }: Record<string, unknown>) => String(scope).split(' ').sort();
const names = (scope: string) => scope.split(' ').sort();

describe.each(databases)('on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;
  let is: Connection;
  let grantId: string;
  let accountId: string;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    is = await connect(world, patient, {}, { choices: CHOSEN });
    const consent = await world.store.prisma.consent.findFirstOrThrow({ orderBy: { decidedAt: 'desc' } });
    ({ grantId, accountId } = consent);
  });

  const by = () => ({ by: 'patient', accountId }) as const;
  const changing = (change: typeof pauseGrants) =>
    world.store.prisma.$transaction((tx) => change(tx, world.store, { ...by(), grantIds: [grantId] }));
  const amend = (scope: string, { after = 0, days = 90, choices = [] as string[] } = {}) => {
    const expiresAt = new Date(Date.now() + days * DAY);
    const amendments: Amendment[] = [{ grantId, after, scope: `${OTHERS} ${scope}`, choices, expiresAt }];
    const terms = { ...by(), amendments, locale: 'en', refreshIdleSeconds: 100 * 86_400 };
    return world.store.prisma.$transaction((tx) => amendConsents(tx, world.store, terms));
  };
  const refreshed = async (token = is.refreshToken): Promise<Tokens> => {
    const response = await refresh(world, token);
    expect(response.status).toBe(200);
    return (await response.json()) as Tokens;
  };
  const events = async () =>
    (
      await world.store.prisma.auditEvent.findMany({
        where: { grantId, type: { startsWith: 'consent.' } },
        orderBy: { id: 'asc' },
      })
    ).map(({ type }) => type);

  test('paused: nothing is open, nothing is used up, and it goes on as it was', async () => {
    expect((await changing(pauseGrants)).eventIds).toHaveLength(1);
    expect((await changing(pauseGrants)).eventIds).toEqual([]);
    expect(await world.introspect(is.accessToken)).toEqual({ active: false });
    expect((await reasonsOf(world, 'introspection.refused')).at(-1)).toBe('consent_paused');
    expect((await readFhir(world, is.accessToken, 'Patient/ana-rivera')).status).toBe(401);
    for (const _ of [1, 2])
      expect(await refusalOf(await refresh(world, is.refreshToken))).toEqual([400, 'invalid_grant']);
    expect(await latestRefusal(world, world.clientId)).toEqual(['token', { code: 'consent_paused' }]);
    expect((await changing(resumeGrants)).eventIds).toHaveLength(1);
    expect(await world.introspect(is.accessToken)).toMatchObject({ active: true });
    expect(namesIn(await refreshed())).toEqual(namesIn(is.tokens));
    expect(await events()).toEqual(['consent.granted', 'consent.paused', 'consent.resumed']);
  });

  test('narrowed: at once at introspection and decisions, and at the next refresh', async () => {
    await amend(LABORATORY, { choices: ['Observation.laboratory.view'] });
    expect(namesIn(await world.introspect(is.accessToken))).toEqual(names(`${OTHERS} ${LABORATORY}`));
    expect((await readFhir(world, is.accessToken, 'Patient/ana-rivera')).status).toBe(403);
    const less = await refreshed();
    expect(namesIn(less)).toEqual(names(`${OTHERS} ${LABORATORY}`));
    const asked = { scope: 'patient/Patient.rs' };
    expect((await refresh(world, less.refresh_token ?? '', asked)).status).toBe(400);
    expect(await events()).toEqual(['consent.granted', 'consent.amended']);
    const kept = await world.store.prisma.consent.findUniqueOrThrow({ where: { grantId } });
    expect(names(kept.grantedScope)).toEqual(namesIn(is.tokens));
  });

  test('widened: a token of before stays as it was, a refreshed one has what was added', async () => {
    const added = `patient/Patient.rs ${LABORATORY} patient/Observation.rs`;
    await amend(added);
    expect(namesIn(await world.introspect(is.accessToken))).toEqual(namesIn(is.tokens));
    const more = await refreshed();
    expect(namesIn(more)).toContain('patient/Observation.rs');
    expect(namesIn(await world.introspect(more.access_token ?? ''))).toContain('patient/Observation.rs');
    await amend('patient/Patient.rs', { after: 1 });
    const back = names(`${OTHERS} patient/Patient.rs`);
    expect(namesIn(await world.introspect(more.access_token ?? ''))).toEqual(back);
    expect(namesIn(await refreshed(more.refresh_token))).toEqual(back);
  });

  test('a token for what was taken away alone is good for nothing', async () => {
    const { access_token: narrow = '' } = (await (
      await refresh(world, is.refreshToken, { scope: 'patient/Patient.rs' })
    ).json()) as Tokens;
    await amend(LABORATORY);
    expect(await world.introspect(narrow)).toEqual({ active: false });
    expect((await reasonsOf(world, 'introspection.refused')).at(-1)).toBe('consent_narrowed');
  });

  test('shorter: it ends on the new day', async () => {
    await amend(`patient/Patient.rs ${LABORATORY}`, { days: 1 / 1_440 });
    expect(await world.introspect(is.accessToken)).toMatchObject({ active: true });
    world.clock.advance(61_000);
    expect(await world.introspect(is.accessToken)).toEqual({ active: false });
    expect((await refresh(world, is.refreshToken)).status).toBe(400);
    expect(await amend('patient/Patient.rs', { after: 1 })).toBeUndefined();
  });

  test('of two who amend what they saw at the same time one is told that it has changed', async () => {
    const both = await Promise.all([amend('patient/Patient.rs'), amend(LABORATORY)]);
    expect(both.filter((one) => one !== undefined)).toHaveLength(1);
    expect(await amend('patient/Patient.rs')).toBeUndefined();
    expect(await events()).toEqual(['consent.granted', 'consent.amended']);
    await expect(
      world.store.prisma.consentAmendment.updateMany({
        where: { grantId },
        data: { scope: 'patient/*.cruds' },
      }),
    ).rejects.toThrow('never changes');
  });

  test('beside refreshes and checks no answer after the acknowledgement holds what was taken away', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { refreshToken } = await connect(world, patient, {}, { choices: CHOSEN });
      const consent = await world.store.prisma.consent.findFirstOrThrow({ orderBy: { decidedAt: 'desc' } });
      grantId = consent.grantId;
      const [answer] = await Promise.all([refresh(world, refreshToken), amend('patient/Patient.rs')]);
      const { access_token = '', refresh_token = '' } = (await answer.json()) as Tokens;
      const left = names(`${OTHERS} patient/Patient.rs`);
      expect(namesIn(await world.introspect(access_token))).toEqual(left);
      const next = await refreshed(refresh_token);
      expect(namesIn(next)).toEqual(left);
    }
  });

  test('extended: the refresh token lives as long as the new end lets it', async () => {
    world.clock.advance(80 * DAY);
    await amend(`patient/Patient.rs ${LABORATORY}`, { days: 90 });
    world.clock.advance(15 * DAY);
    const later = await refreshed();
    expect(await world.introspect(later.access_token ?? '')).toMatchObject({ active: true });
    const terms = await world.store.prisma.tokenTerms.findMany({ where: { grantId } });
    for (const { expiresAt } of terms) expect(expiresAt.getTime()).toBeGreaterThan(Date.now() + 70 * DAY);
  });
});
