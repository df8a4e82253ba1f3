// What was agreed to is what was read, and what holds of it now is what a silent request rests on.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { amendConsents, pauseGrants, resumeGrants } from '../../src/store/consent-changes.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { hiddenIn, type TestBrowser } from '../setup/browser.ts';
import { errorIn } from '../setup/connection.ts';
import { changeApp, keysOf, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

test('a consent to a question that has changed since is none to the new one, and she reads that first (45 CFR 164.508)', async () => {
  const client_id = await registerApp(world, world.clientId, {});
  const { html, url } = await patient.open(authorizationRequest(world, { client_id }).url);
  await changeApp(world, client_id, { purposeStatement: 'To sell what it reads.' });
  const asked = await patient.decide({ html }, { choices: ['Patient.view'] });
  const again = await asked.text();
  expect([asked.status, again]).toEqual([409, expect.stringContaining('To sell what it reads.')]);
  const hidden = hiddenIn(again).filter(([name]) => name !== 'basis');
  for (const basis of ['', 'x', hiddenIn(html)[1]?.[1] ?? ''])
    expect(
      await patient.form(`${new URL(url).pathname}/consent`, [
        ...([...hidden, ['choice', 'Patient.view'], ['duration', '90']] as [string, string][]),
        ...([
          ['basis', basis],
          ['decision', 'share'],
        ] as [string, string][]),
      ]),
    ).toMatchObject({ status: 409 });
  expect(await world.store.prisma.consent.count({ where: { appId: client_id } })).toBe(0);
  expect((await patient.decide({ html: again }, { choices: ['Patient.view'] })).status).toBe(303);
  const { accountId: patientId } = await world.store.prisma.consent.findFirstOrThrow({
    where: { appId: client_id },
  });
  const where = { patientId, type: 'patient.app_connected' };
  expect(await world.store.prisma.patientNotice.count({ where })).toBeGreaterThan(0);
});

test('a client that proves who it is does not come back without a person who paused it, or shares less than it asks for', async () => {
  const jwks = await keysOf(world, world.backendId);
  const client_id = await registerApp(world, world.clientId, { authMethod: 'private_key_jwt', jwks });
  const scope = 'launch/patient patient/Patient.rs patient/Condition.rs';
  const silently = async (asked: string) => {
    const request = authorizationRequest(world, { client_id, scope: asked, prompt: 'none' });
    return errorIn(await patient.authorize(request.url));
  };
  const { store } = world;
  await patient.authorize(authorizationRequest(world, { client_id, scope }).url, {
    ...{ choices: ['Patient.view', 'Condition.problem-list-item.view'], duration: 'once' },
  });
  const consent = await store.prisma.consent.findFirstOrThrow({ where: { appId: client_id } });
  const { grantId, accountId, expiresAt, grantedScope } = consent;
  const by = { by: 'patient', accountId, grantIds: [grantId] } as const;
  expect(await silently(grantedScope)).toBeNull();
  await store.prisma.$transaction((tx) => pauseGrants(tx, store, by));
  expect(await silently(grantedScope)).toBe('consent_required');
  await store.prisma.$transaction((tx) => resumeGrants(tx, store, by));
  expect(await silently(grantedScope)).toBeNull();
  const less = 'launch/patient patient/Patient.rs';
  const amendments = [{ grantId, after: 0, scope: less, choices: ['Patient.view'], expiresAt }];
  const terms = { ...by, amendments, locale: 'en', refreshIdleSeconds: 60 };
  await store.prisma.$transaction((tx) => amendConsents(tx, store, terms));
  expect(await silently(grantedScope)).toBe('consent_required');
  expect(await silently(less)).toBeNull();
});
