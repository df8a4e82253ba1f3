// What nobody uses is found from records alone; nothing follows unless an operator said so; and what follows can be undone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { watchKeys } from '../../src/monitoring/watch-keys.ts';
import { ASKED, refresh } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, refusalOf } from '../setup/connection.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { DAY_MS, governed } from '../setup/governed.ts';
import { createKeyServer } from '../setup/key-server.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { noticesOf } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';
import { idleTime } from './idle-time.ts';
import { policies } from './policies.ts';

let world: World;
let rules: ReturnType<typeof governed>;
let vendor: Vendor;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  rules = governed(world);
  vendor = await registerVendor(world);
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const appOf = (changes: object = {}, like = world.clientId) =>
  registerApp(world, like, {
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, contractId: vendor.contractId },
    ...changes,
  });

policies(() => ({ world, rules, vendor, appOf }));

const again = (appId: string, token: string) => refresh(world, token, { client_id: appId });

test('an app that nobody uses is told of, with figures, and nothing else happens: nobody said that it should', async () => {
  const appId = await appOf();
  const { accessToken, refreshToken } = await connect(world, patient, { client_id: appId });
  expect((await world.introspect(accessToken)).active).toBe(true);
  await rules.said('dormant_app', 'alert');
  await rules.days(1);
  expect(await rules.findingsOf(appId, 'dormant_app')).toEqual([]);
  await rules.days(3);
  await rules.days(0.1);
  const found = await rules.findingsOf(appId, 'dormant_app');
  expect(found).toMatchObject([{ openedBy: 'rule:dormant_app', closedAt: null }]);
  expect(found[0]?.detail).toMatchObject({
    figures: [{ name: 'unused_days', value: 4, threshold: 2 }, { name: 'last_used' }],
  });
  expect(await noticesOf(world, appId)).toContain('finding.raised');
  expect(await rules.restrictionsOf(appId)).toEqual([]);
  // It is used again: nothing is left to look into.
  const used = (await (await again(appId, refreshToken)).json()) as { access_token: string };
  expect((await world.introspect(used.access_token)).active).toBe(true);
  await rules.days(0.1);
  expect((await rules.findingsOf(appId, 'dormant_app'))[0]?.closedBy).toBe('policy');
});

test('in quarantine a public client gets nothing new until its owner confirms it with a passkey', async () => {
  const appId = await appOf();
  const { refreshToken } = await connect(world, patient, { client_id: appId });
  await rules.said('dormant_app', 'quarantine');
  await rules.days(4);
  const [finding] = await rules.findingsOf(appId, 'dormant_app');
  expect(await rules.restrictionsOf(appId)).toMatchObject([
    { kind: 'quarantine', findingId: finding?.id, madeBy: 'policy', liftedAt: null },
  ]);
  expect(await refusalOf(await again(appId, refreshToken))).toEqual([400, 'unauthorized_client']);
  await expect(connect(world, patient, { client_id: appId })).rejects.toThrow('the code was refused');
  const [refused] = await world.store.prisma.auditEvent.findMany({
    where: { appId, type: 'token.refused', reason: 'client_quarantined' },
  });
  expect(refused?.detail).toMatchObject({ diagnosis: { code: 'client_quarantined' } });

  const developer = await staffBrowser(world, vendor.developerId);
  expect((await submit(developer, `/developer/apps/${appId}/confirm`, { reason: 'Not hers.' })).status).toBe(
    403,
  );
  const owner = await staffBrowser(world, vendor.ownerId);
  expect(textOf((await owner.open(`/developer/apps/${appId}`)).html)).toContain('The app is in quarantine');
  const url = `/developer/apps/${appId}/confirm`;
  world.clock.advance(10 * 60_000);
  const { response } = await owner.open(url);
  expect(response.url).toContain('/staff/verify');
  const fresh = await staffBrowser(world, vendor.ownerId);
  const confirmed = await submit(fresh, url, { reason: 'Patients come back in spring.' });
  expect([confirmed.status, confirmed.location]).toEqual([303, `/developer/apps/${appId}?done=confirmed`]);

  expect((await again(appId, refreshToken)).status).toBe(200);
  expect(await rules.findingsOf(appId, 'dormant_app')).toMatchObject([
    { closedBy: vendor.ownerId, closeReason: 'Patients come back in spring.' },
  ]);
  await rules.days(1);
  expect(await rules.findingsOf(appId, 'dormant_app')).toHaveLength(1);
});

test('scopes that no token held are stopped; those that a server asked about without telling requests are not judged', async () => {
  await rules.said('dormant_app', 'alert', 3_000);
  // Audit events are of the real time: the app is old enough.
  const longAgo = new Date(Date.now() - 2_000 * DAY_MS);
  const appId = await appOf({
    ...{ createdAt: longAgo, reviewedAt: longAgo },
    scopeCeiling: `${ASKED} patient/Condition.rs`,
  });
  await rules.said('unused_scope', 'narrow', 1_000);
  const { accessToken } = await connect(world, patient, { client_id: appId });
  await world.introspect(accessToken);
  await rules.days(0.1);
  const [finding] = await rules.findingsOf(appId, 'unused_scope');
  expect(finding?.detail).toMatchObject({
    figures: expect.arrayContaining([
      { name: 'scopes', value: 'patient/Condition.rs' },
      { name: 'evidence', value: 'tokens' },
    ]),
  });
  expect(await rules.restrictionsOf(appId)).toMatchObject([
    { kind: 'narrow', scopes: ['patient/Condition.rs'] },
  ]);
  const wide = await connect(world, patient, {
    ...{
      client_id: appId,
      scope: 'launch/patient openid offline_access patient/Patient.rs patient/Condition.rs',
    },
  });
  expect(wide.tokens.scope).not.toContain('Condition');
});

test('consents that nobody uses end, each patient is told, and My apps says why', async () => {
  const appId = await appOf();
  const { refreshToken } = await connect(world, patient, { client_id: appId });
  await rules.said('dormant_consent', 'end');
  await rules.days(4);
  await rules.said('dormant_consent', 'alert');
  const [consent] = await world.store.prisma.consent.findMany({ where: { appId } });
  expect(consent?.withdrawnBy).toBe('dormancy');
  const notice = { type: 'patient.sharing_unused', patientId: consent?.patientId ?? '' };
  expect(await world.store.prisma.patientNotice.count({ where: notice })).toBeGreaterThan(0);
  expect(await refusalOf(await again(appId, refreshToken))).toEqual([400, 'invalid_grant']);
  await patient.signIn(await patient.open('/my'));
  expect(textOf((await patient.open('/my')).html)).toContain('it was not used for a long time');
});

test('a credential that nobody uses ends at once where that is the policy', async () => {
  const appId = await appOf({}, world.backendId);
  await rules.said('dormant_key', 'end');
  await rules.days(4);
  await rules.said('dormant_key', 'alert');
  const keys = await world.store.prisma.appKey.findMany({ where: { appId } });
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter(({ revokedAt }) => revokedAt === null)).toEqual([]);
  expect((await rules.findingsOf(appId, 'dormant_key')).map(({ event }) => event).sort()).toEqual(
    keys.map(({ id }) => id).sort(),
  );
});

test('keys that cannot be fetched for days are a finding, and by policy the end of what the app may ask for', async () => {
  const server = await createKeyServer([{ kty: 'RSA', kid: 'k', n: 'AQAB', e: 'AQAB', alg: 'RS384' }]);
  const appId = await appOf({ jwks: null }, world.backendId);
  await changeApp(world, appId, { jwksUri: server.url });
  await rules.said('jwks_unreachable', 'suspend');
  await watchKeys(rules.deps);
  await server.stop();
  const isSuspended = async () =>
    (await world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } })).suspendedAt !== null;
  const seen: boolean[] = [];
  for (const pause of [1, 1.5, 1]) {
    world.clock.advance(pause * DAY_MS);
    await watchKeys(rules.deps);
    seen.push(await isSuspended());
  }
  expect(seen).toEqual([false, false, true]);
  const [finding] = await rules.findingsOf(appId, 'jwks_unreachable');
  expect(finding?.detail).toMatchObject({
    figures: [{ name: 'failing_days', value: 2, threshold: 2 }, { name: 'since' }, { name: 'fault' }],
  });
});

idleTime(() => ({ world, rules, vendor, appOf }));
