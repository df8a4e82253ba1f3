// Every path that revokes or narrows is told, once, to whom it concerns, with opaque ids and no names.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { DEMO_EHR } from '../../src/demo/seed-launches.ts';
import { addSecret, endKey } from '../../src/registry/app-keys.ts';
import { assignContract, offboardApp, resumeApp, suspendApp } from '../../src/registry/app-standing.ts';
import { changeContract, createContract } from '../../src/registry/contracts.ts';
import { cutOffAccess } from '../../src/registry/cut-offs.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { suspendEhr } from '../../src/registry/ehrs.ts';
import { offboardOrganization, suspendOrganization } from '../../src/registry/organization-standing.ts';
import { endPerson } from '../../src/registry/people.ts';
import { decideReview } from '../../src/registry/reviews.ts';
import { amendConsents, pauseGrants, resumeGrants } from '../../src/store/consent-changes.ts';
import { handToStreams } from '../../src/store/signal-events.ts';
import { retain } from '../operations/retention-rows.ts';
import { redeem, refresh } from '../setup/app-client.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { stopScopes } from '../setup/changes.ts';
import { connect } from '../setup/connection.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, operator, reviewer, securityOfficer, submittedAgain } from '../setup/reviewed.ts';
import {
  addServer,
  eventIn,
  POLL,
  type SecurityEvent,
  type Server,
  serverOf,
} from '../setup/signal-receiver.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let patient: TestBrowser;
let patientId: string;
let server: Server;
let stranger: Server;
const streams = new Map<Server, string>();

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  const { id, secret } = world.resourceServer;
  server = serverOf(world, id, secret);
  stranger = await addServer(world, ['https://stranger.example.com/fhir']);
  const [{ stream_id: own } = { stream_id: '' }] = (await (
    await server.ask('GET', '/ssf/stream')
  ).json()) as {
    stream_id: string;
  }[];
  await server.ask('PUT', '/ssf/stream', { stream_id: own, delivery: { method: POLL } });
  const made = (await (await stranger.ask('POST', '/ssf/stream', {})).json()) as { stream_id: string };
  streams.set(server, own).set(stranger, made.stream_id);
  patient = await world.patientBrowser();
  await connect(world, patient);
  patientId = (await world.store.prisma.consent.findFirstOrThrow()).patientId ?? '';
});
beforeEach(async () => {
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

/** All that waits for a receiver, verified and acknowledged. */
async function told(receiver = server): Promise<SecurityEvent[]> {
  await handToStreams(world.store);
  const poll = `/ssf/poll/${streams.get(receiver)}`;
  const answer = await receiver.ask('POST', poll, { returnImmediately: true });
  const { sets } = (await answer.json()) as { sets: Record<string, string> };
  const keys = createRemoteJWKSet(new URL(`${world.issuer}/jwks`));
  const rules = { issuer: world.issuer, audience: receiver.id, typ: 'secevent+jwt', algorithms: ['RS256'] };
  const verified = Object.values(sets).map(async (set) => (await jwtVerify(set, keys, rules)).payload);
  await receiver.ask('POST', poll, { maxEvents: 0, ack: Object.keys(sets) });
  return Promise.all(verified) as Promise<SecurityEvent[]>;
}

const reason = { reason: 'A test.' };
const sub = (id = patientId) => ({ format: 'iss_sub', iss: world.issuer, sub: id });
const opaque = (id: string) => ({ format: 'opaque', id });
const appOf = (changes: object = {}, like = world.clientId) =>
  registerApp(world, like, {
    ...{ organizationId: vendor.id, ownerId: vendor.ownerId, contractId: vendor.contractId },
    ...changes,
  });
const grant = { format: 'complex', user: expect.anything(), application: expect.anything() };
const ofGrant = (text: string) => [['session-revoked', text, grant]];
const revoked = (text: string, subject: object) => [
  'session-revoked',
  text,
  { format: 'complex', ...subject },
];

type Told = readonly (readonly unknown[])[];
/** Prepares; answers with what is done then, and what is told of it. */
type Scene = () => Promise<readonly [act: () => Promise<unknown>, expected: Told]>;

const cutOff = async (kind: string, subjectId: string, subject: object, text: string) =>
  [
    () => cutOffAccess(deps, securityOfficer, { kind, subjectId, ...reason }),
    [revoked(text, subject)],
  ] as const;

const NO_CONTRACT = 'The app has no contract in force any more.';
async function otherContract(from: number, to: number) {
  const id = await appOf();
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const terms = {
    organizationId: vendor.id,
    reference: 'Another',
    startsAt: inDays(from),
    endsAt: inDays(to),
  };
  const { contractId } = await createContract(deps, operator, terms);
  return [
    () => assignContract(deps, operator, id, { contractId }),
    [revoked(NO_CONTRACT, { application: opaque(id) })],
  ] as const;
}

const scenes: Readonly<Record<string, Scene>> = {
  'the patient stops sharing': async () => {
    const id = await appOf();
    await connect(world, patient, { client_id: id });
    const url = `/my/apps/${id}/stop`;
    const csrf = csrfIn((await patient.open(url)).html);
    return [() => patient.form(url, [['csrf', csrf]]), ofGrant('The patient stopped sharing with the app.')];
  },
  'the patient pauses an app, and lets it go on': async () => {
    const id = await appOf();
    await connect(world, patient, { client_id: id });
    const { grantId, accountId } = await world.store.prisma.consent.findFirstOrThrow({
      where: { appId: id },
    });
    const change = { grantIds: [grantId], by: 'patient', accountId } as const;
    const act = async () => {
      await world.store.prisma.$transaction((tx) => pauseGrants(tx, world.store, change));
      await world.store.prisma.$transaction((tx) => resumeGrants(tx, world.store, change));
    };
    const resumed = ['token-claims-change', 'The patient let the app go on.', grant];
    return [act, [...ofGrant('The patient paused the app.'), resumed]];
  },
  'the patient shares less': async () => {
    const id = await appOf();
    await connect(world, patient, { client_id: id });
    const consent = await world.store.prisma.consent.findFirstOrThrow({ where: { appId: id } });
    const { grantId, accountId, expiresAt } = consent;
    const amendment = {
      grantId,
      after: 0,
      scope: 'patient/Patient.rs',
      choices: ['Patient.view'],
      expiresAt,
    };
    const terms = {
      amendments: [amendment],
      by: 'patient',
      accountId,
      locale: 'en',
      refreshIdleSeconds: 60,
    } as const;
    const text = 'The patient changed what she shares with the app, or for how long.';
    return [
      () => world.store.prisma.$transaction((tx) => amendConsents(tx, world.store, terms)),
      [['token-claims-change', text, grant]],
    ];
  },
  'the patient signs out': async () => {
    const other = await world.patientBrowser();
    await connect(world, other, {}, { duration: 'once' });
    const csrf = csrfIn((await other.open('/my')).html);
    const text = 'The person signed out.';
    const ended = ['session-revoked', 'The session that the access lived with has ended.', expect.anything()];
    return [() => other.form('/my/sign-out', [['csrf', csrf]]), [...ofGrant(text), ended]];
  },
  'an app revokes its refresh token (RFC 7009)': async () => {
    const { refreshToken } = await connect(world, patient);
    const body = { token: refreshToken, client_id: world.clientId };
    return [() => post(`${world.issuer}/revoke`, body), ofGrant('The app gave its access back.')];
  },
  'a backend revokes its token (RFC 7009)': async () => {
    const { access_token: token = '' } = (await (await backendToken(world)).json()) as Record<string, string>;
    const { client_assertion_type, client_assertion } = await authenticated(world, {
      claims: { aud: world.issuer },
    });
    const proof = { client_id: world.backendId, client_assertion_type, client_assertion };
    const subject = { application: opaque(world.backendId) };
    const text = 'The app gave an access token back.';
    return [() => post(`${world.issuer}/revoke`, { token, ...proof }), [revoked(text, subject)]];
  },
  'a code is used twice': async () => {
    const { request, callback } = await connect(world, patient);
    const text = 'A code or refresh token of the app was used twice.';
    return [() => redeem(world, request, callback), ofGrant(text)];
  },
  'a refresh token is used twice': async () => {
    const { refreshToken } = await connect(world, patient);
    await refresh(world, refreshToken);
    world.clock.advance(120_000);
    const text = 'A code or refresh token of the app was used twice.';
    return [() => refresh(world, refreshToken), ofGrant(text)];
  },
  'an app is suspended': async () => {
    const id = await appOf();
    const subject = { format: 'complex', application: opaque(id) };
    const ended = revoked('What was issued to the app was ended.', { application: opaque(id) });
    const risk = ['risk-level-change', 'The app was suspended.', subject];
    return [() => suspendApp(deps, securityOfficer, id, reason), [risk, ended]];
  },
  'an app may act again': async () => {
    const id = await appOf({ suspendedAt: new Date() });
    const subject = { format: 'complex', application: opaque(id) };
    return [
      () => resumeApp(deps, operator, id, reason),
      [['risk-level-change', 'The suspension of the app was ended.', subject]],
    ];
  },
  'an app is offboarded': async () => {
    const id = await appOf();
    const subject = { format: 'complex', application: opaque(id) };
    const ended = revoked('What was issued to the app was ended.', { application: opaque(id) });
    const risk = ['risk-level-change', 'The app was offboarded.', subject];
    return [() => offboardApp(deps, operator, id, reason), [risk, ended]];
  },
  'an organization is suspended': async () => {
    await appOf();
    const tenant = { tenant: opaque(vendor.id) };
    const risk = ['risk-level-change', 'The organization was suspended.', { format: 'complex', ...tenant }];
    const text = 'What was issued to the apps of the organization was ended.';
    return [
      () => suspendOrganization(deps, securityOfficer, vendor.id, reason),
      [risk, revoked(text, tenant)],
    ];
  },
  'an organization is offboarded': async () => {
    await appOf();
    const tenant = { tenant: opaque(vendor.id) };
    const text = 'What was issued to the apps of the organization was ended.';
    return [
      () => offboardOrganization(deps, operator, vendor.id, reason),
      expect.arrayContaining([revoked(text, tenant)]) as unknown as Told,
    ];
  },
  'an owner leaves': async () => {
    await appOf();
    const text = 'What was issued to the apps of the owner was ended.';
    return [
      () => endPerson(deps, operator, vendor.ownerId, { reason: 'a test' }),
      [revoked(text, { group: opaque(vendor.ownerId) })],
    ];
  },
  'an app has no owner any more': async () => {
    const id = await appOf();
    const text = 'Nobody is accountable for the app any more.';
    return [
      () => world.store.prisma.app.update({ where: { id }, data: { ownerId: null } }),
      [revoked(text, { application: opaque(id) })],
    ];
  },
  'an app goes to another organization': async () => {
    const id = await appOf();
    const text = 'Another organization answers for the app: consents of before have ended.';
    return [
      () => world.store.prisma.app.update({ where: { id }, data: { organizationId: 'demo-network' } }),
      [revoked(text, { application: opaque(id) })],
    ];
  },
  'a cut-off of an app': async () => {
    const id = await appOf();
    return cutOff('client', id, { application: opaque(id) }, 'What was issued to the app was ended.');
  },
  'a cut-off of an organization': async () => {
    await appOf();
    const text = 'What was issued to the apps of the organization was ended.';
    return cutOff('organization', vendor.id, { tenant: opaque(vendor.id) }, text);
  },
  'a cut-off of an owner': async () => {
    await appOf();
    const text = 'What was issued to the apps of the owner was ended.';
    return cutOff('owner', vendor.ownerId, { group: opaque(vendor.ownerId) }, text);
  },
  'a cut-off of a patient': async () => {
    const text = 'What was issued over the record of the patient was ended.';
    return cutOff('patient', patientId, { user: sub() }, text);
  },
  'a cut-off of a purpose': async () => {
    const group = { format: 'uri', uri: 'http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT' };
    const [act] = await cutOff('purpose', 'TREAT', {}, '');
    const text = 'What was issued for the purpose of use was ended.';
    return [act, expect.arrayContaining([revoked(text, { group })]) as unknown as Told];
  },
  'a cut-off of a key': async () => {
    const id = await appOf({}, world.backendId);
    const key = await world.store.prisma.appKey.findFirstOrThrow({ where: { appId: id } });
    await told();
    const text = 'What was issued with a credential of the app was ended.';
    return cutOff('key', key.id, { application: opaque(id) }, text);
  },
  'a key is added': async () => {
    const id = await appOf({ authMethod: 'client_secret_basic' });
    const subject = { format: 'complex', application: opaque(id) };
    return [
      () => addSecret(deps, vendor.developer, id),
      [['credential-change', 'The app has a new credential.', subject]],
    ];
  },
  'a key is ended at once': async () => {
    const id = await appOf({ authMethod: 'client_secret_basic' });
    const { id: keyId } = await addSecret(deps, vendor.developer, id);
    const subject = { format: 'complex', application: opaque(id) };
    const ended = revoked('What was issued with a credential of the app was ended.', {
      application: opaque(id),
    });
    const changed = ['credential-change', 'A credential of the app ends, or has ended.', subject];
    return [
      () => endKey(deps, vendor.developer, id, keyId, { when: 'now', reason: 'a test' }),
      [changed, ended],
    ];
  },
  'a recorded change stops scopes': async () => {
    const id = await appOf();
    const text = 'A recorded change stops scopes of the app until it is approved.';
    const subject = { format: 'complex', application: opaque(id) };
    return [() => stopScopes(world, id, 'patient/Observation.rs'), [['token-claims-change', text, subject]]];
  },
  'a recorded change is approved': async () => {
    const id = await appOf();
    const approve = await stopScopes(world, id, 'patient/Observation.rs');
    const subject = { format: 'complex', application: opaque(id) };
    return [() => approve(), [['token-claims-change', 'A recorded change was approved.', subject]]];
  },
  'a contract is ended early': async () => {
    const id = await appOf();
    const endsAt = new Date(Date.now() - 3_600_000).toISOString();
    return [
      () => changeContract(deps, operator, vendor.contractId, { endsAt }),
      [revoked(NO_CONTRACT, { application: opaque(id) })],
    ];
  },
  'a contract limits what it did not': async () => {
    const id = await appOf();
    const text = 'The contract of the app limits it in another way.';
    return [
      () => changeContract(deps, operator, vendor.contractId, { limits: { datasets: ['Goal'] } }),
      [['token-claims-change', text, { format: 'complex', application: opaque(id) }]],
    ];
  },
  'another contract of an app is over': () => otherContract(-20, -10),
  'another contract of an app did not begin': () => otherContract(10, 20),
  'another contract of an app is in force': async () => {
    const [act] = await otherContract(-10, 10);
    return [act, []];
  },
  'another revision of an app is approved': async () => {
    const audiences = [world.fhirBase];
    const { appId } = await approvedApp(world, deps, vendor, { audiences });
    const changes = { audiences, scopeCeiling: 'openid fhirUser launch/patient patient/Patient.rs' };
    const { reviewId } = await submittedAgain(world, deps, vendor, appId, changes);
    const subject = { format: 'complex', application: opaque(appId) };
    return [
      () => decideReview(deps, reviewer, reviewId, { decision: 'approve', reason: 'It is as it should be.' }),
      [['token-claims-change', 'Another revision of the app is in force.', subject]],
    ];
  },
  'the first revision of an app is approved, and another draft of it before': async () => {
    const audiences = [world.fhirBase];
    return [() => approvedApp(world, deps, vendor, { audiences }), []];
  },
  'a representation ends': async () => {
    const row = { id: randomUUID(), representativeId: patientId, patientId, relationship: 'parent' };
    const { prisma } = world.store;
    await prisma.representation.create({ data: { ...row, startsAt: new Date(0) } });
    const {
      id: _,
      grantId: _grant,
      ...like
    } = await prisma.consent.findFirstOrThrow({ where: { patientId } });
    const ids = { id: randomUUID(), grantId: randomUUID(), representationId: row.id };
    await prisma.consent.create({ data: { ...like, launchContext: {}, ...ids } });
    const subject = { user: sub(), application: opaque(like.appId) };
    return [
      () => prisma.representation.update({ where: { id: row.id }, data: { endedAt: new Date() } }),
      [revoked('The right to act for the patient has ended.', subject)],
    ];
  },
  'a passkey of a patient is removed': async () => {
    const subject = { format: 'complex', user: sub() };
    return [
      () => world.store.prisma.passkey.updateMany({ where: { patientId }, data: { removedAt: new Date() } }),
      [['credential-change', 'A passkey of the patient was removed.', subject]],
    ];
  },
  'a patient makes a passkey': async () => [
    () => world.patientBrowser(),
    [['credential-change', 'The patient has a new passkey.', { format: 'complex', user: expect.anything() }]],
  ],
  'an EHR is suspended': async () => [
    () => suspendEhr(deps, operator, DEMO_EHR, reason),
    [revoked('The EHR was suspended.', { org_unit: opaque(DEMO_EHR) })],
  ],
};

test.each(Object.entries(scenes))('%s', async (_name, prepare) => {
  const [act, expected] = await prepare();
  await told();
  await told(stranger);
  await act();
  const events = await told();
  const said = events.map((event) => {
    const [type, { reason_admin }] = eventIn(event);
    return [type, (reason_admin as { en: string }).en, event.sub_id];
  });
  expect(said).toEqual(expected);
  // Whose FHIR bases it is not about hears nothing; a purpose is about all.
  const elsewhere = (await told(stranger)).map(({ sub_id: { group, ...others } }) => [
    Object.keys(others),
    group,
  ]);
  expect(elsewhere.filter(([, group]) => (group as { format?: string })?.format !== 'uri')).toEqual([]);
  for (const event of events) {
    expect(event).not.toHaveProperty('sub');
    expect(event).not.toHaveProperty('exp');
    expect(JSON.stringify(event)).not.toMatch(/Rivera|Chen|Okafor|A test|Vendor vendor/);
  }
});

test('what it says beside: when, by whom, the request, the patient and the apps as introspection names them', async () => {
  const { refreshToken, tokens } = await connect(world, patient);
  await told();
  const headers = { 'x-request-id': 'the-request-of-it' };
  await post(`${world.issuer}/revoke`, { token: refreshToken, client_id: world.clientId }, headers);
  const [ended] = (await told()) as [SecurityEvent];
  expect(ended).toMatchObject({
    ...{ iss: world.issuer, aud: server.id, jti: expect.any(String), iat: expect.any(Number) },
    txn: 'the-request-of-it',
    sub_id: { format: 'complex', user: sub(), application: opaque(world.clientId) },
  });
  expect(eventIn(ended)[1]).toEqual({
    ...{ event_timestamp: expect.any(Number), initiating_entity: 'system' },
    reason_admin: { en: 'The app gave its access back.' },
    patients: [`${world.fhirBase}/Patient/${tokens.patient}`],
  });

  const [one, other] = [await appOf(), await appOf()];
  await appOf({ audiences: ['https://stranger.example.com/fhir'] });
  await suspendOrganization(deps, securityOfficer, vendor.id, reason);
  const [risk, cut] = (await told()).map((event) => eventIn(event)[1]);
  expect(risk).toMatchObject({ principal: 'TENANT', previous_level: 'LOW', current_level: 'HIGH' });
  for (const event of [risk, cut])
    expect([...((event?.client_ids ?? []) as string[])].sort()).toEqual([one, other].sort());
  const [, elsewhere] = (await told(stranger)).map((event) => eventIn(event)[1]);
  expect(elsewhere?.client_ids).toHaveLength(1);

  await changeApp(world, one, { scopeCeiling: 'patient/Patient.r', purposes: ['PATRQT'] });
  expect((await told()).map((event) => eventIn(event)[1].claims)).toEqual([
    { scope_ceiling: 'patient/Patient.r', purposes_of_use: ['PATRQT'] },
  ]);
  const approve = await stopScopes(world, one, 'patient/Observation.rs');
  await stopScopes(world, one, 'patient/Patient.r');
  await approve();
  const claims = (await told()).map((event) => eventIn(event)[1].claims);
  expect(claims.map((each) => (each as { scope_stopped: string }).scope_stopped)).toEqual([
    'patient/Observation.rs',
    'patient/Observation.rs patient/Patient.r',
    'patient/Patient.r',
  ]);
});

test('what is rolled back is never told, and what is told is never changed', async () => {
  const id = await appOf();
  await told();
  const { prisma } = world.store;
  const given = prisma.$transaction(async (tx) => {
    await tx.app.update({ where: { id }, data: { suspendedAt: new Date() } });
    throw new Error('the change failed');
  });
  await expect(given).rejects.toThrow('the change failed');
  expect(await told()).toEqual([]);
  await expect(prisma.signalEvent.updateMany({ data: { cause: 'nothing' } })).rejects.toThrow('append-only');
  await expect(prisma.$executeRawUnsafe('TRUNCATE signal_event')).rejects.toThrow('append-only');
});

test('what nobody fetched for thirty days goes, with its event; what is younger stays', async () => {
  await suspendApp(deps, securityOfficer, await appOf(), reason);
  await handToStreams(world.store);
  const young = await world.store.prisma.signalDelivery.count({ where: { streamId: streams.get(server) } });
  await world.store.sql(
    `WITH e AS (
      INSERT INTO signal_event (type, cause, stream_id, occurred_at)
      SELECT 'verification', 'stream.verification', $1::uuid, now() - n * interval '1 day' FROM unnest(ARRAY[20, 40]) n
      RETURNING id, sequence, occurred_at)
    INSERT INTO signal_delivery (stream_id, event_id, sequence, created_at)
    SELECT $1::uuid, id, sequence, occurred_at FROM e`,
    [streams.get(server)],
  );
  await retain(world.store);
  const { prisma } = world.store;
  expect(await prisma.signalDelivery.count({ where: { streamId: streams.get(server) } })).toBe(young + 1);
  expect(await prisma.signalEvent.count({ where: { type: 'verification' } })).toBe(1);
});
