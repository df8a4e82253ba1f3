// A resource server asks for each request (OpenID AuthZEN Authorization API 1.0): what it hears is true at that instant, and
// in the audit before it hears it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cutOffAccess } from '../../src/registry/cut-offs.ts';
import { uuidOf } from '../../src/store/hash.ts';
import { post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { decide, decisionsIn, type Json, postDecision, readOf } from '../setup/decisions.ts';
import { type ResourceServer, registerResourceServer } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { securityOfficer } from '../setup/reviewed.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;
let token: string;
let other: ResourceServer;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
  token = (await connect(world, patient)).accessToken;
  other = await registerResourceServer(world);
});
afterAll(() => world.stop());

const lastEvent = async () => (await decisionsIn(world)).at(-1);
const isPermitted = async (id = token) => (await decide(world, readOf(id))).decision;

test('who asks finds out where (AuthZEN §9)', async () => {
  const response = await fetch(`${world.issuer}/.well-known/authzen-configuration`);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await response.json()).toEqual({
    policy_decision_point: world.issuer,
    access_evaluation_endpoint: `${world.issuer}/access/v1/evaluation`,
    access_evaluations_endpoint: `${world.issuer}/access/v1/evaluations`,
  });
});

test('a permit, and the event behind it: who, for whom, under which contract, what, why', async () => {
  const response = await postDecision(world, 'evaluation', readOf(token), {
    'x-request-id': 'fhir-request-17',
  });
  expect([response.status, response.headers.get('x-request-id')]).toEqual([200, 'fhir-request-17']);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toMatchObject({ decision: true, context: { unlabelled: 'normal' } });
  const consent = await world.store.prisma.consent.findFirstOrThrow();
  const app = await world.store.prisma.app.findUniqueOrThrow({ where: { id: world.clientId } });
  expect(await lastEvent()).toMatchObject({
    ...{ type: 'decision.permitted', requestId: 'fhir-request-17', reason: null },
    ...{ appId: world.clientId, organizationId: app.organizationId, contractId: app.contractId },
    ...{ accountId: consent.accountId, patientId: consent.patientId, grantId: consent.grantId },
    ...{ resourceServerId: world.resourceServer.id, purpose: 'PATRQT', resource: 'Patient/ana-rivera' },
    detail: { subject: 'access_token', token: uuidOf(token), interaction: 'read', patient: 'ana-rivera' },
  });
});

test('a search is in the audit by the names of its parameters, never by their values', async () => {
  const properties = {
    patient: 'ana-rivera',
    parameters: { category: 'vital-signs', date: ['ge2020', 'lt2021'] },
  };
  await decide(
    world,
    readOf(token, { action: { name: 'search' }, resource: { type: 'Observation', id: '*', properties } }),
  );
  const event = await lastEvent();
  expect(event).toMatchObject({
    resource: 'Observation?category,date',
    detail: { parameters: ['category', 'date'] },
  });
  expect(JSON.stringify(event?.detail)).not.toMatch(/vital-signs|2020/);
});

test('a denial is 200 and coarse; the exact reason is in the audit', async () => {
  const foreign = { type: 'Patient', id: 'james-okafor', properties: { patient: 'james-okafor' } };
  const answer = await decide(world, readOf(token, { resource: foreign }));
  expect(answer).toMatchObject({
    decision: false,
    context: {
      reason_admin: { 403: 'insufficient_scope' },
      reason_user: { 403: 'the token does not reach that far' },
    },
  });
  expect(await lastEvent()).toMatchObject({ type: 'decision.denied', reason: 'patient_foreign' });
});

test.each([
  ['an action', { action: { name: 'sing' } }],
  ['an operation', { action: { name: '$sing' } }],
  ['a resource type', { resource: { type: 'Song', id: '1' } }],
  ['a resource type that is none', { resource: { type: '../Patient', id: '1' } }],
  ['an id that is none', { resource: { type: 'Patient', id: 'a/b' } }],
  ['a read of nothing', { resource: { type: 'Patient', id: '*' } }],
  ['a search for one', { action: { name: 'search' } }],
])('%s that nobody knows is denied, and recorded', async (_what, changes) => {
  const before = (await decisionsIn(world)).length;
  expect((await decide(world, readOf(token, changes))).decision).toBe(false);
  const events = (await decisionsIn(world)).slice(before);
  expect(events).toMatchObject([{ type: 'decision.denied', reason: 'request_unknown' }]);
});

describe('the truth at that instant', () => {
  test('a token that its app gave back', async () => {
    const { accessToken } = await connect(world, patient);
    expect(await isPermitted(accessToken)).toBe(true);
    await post(`${world.issuer}/revoke`, { token: accessToken, client_id: world.clientId });
    const answer = await decide(world, readOf(accessToken));
    // As coarse as introspection: whatever ended it.
    expect(answer.context).toMatchObject({
      reason_admin: { 401: 'invalid_token' },
      reason_user: { 401: 'the token is not active' },
    });
    expect((await lastEvent())?.reason).toBe('token_revoked');
  });

  test('a patient who was cut off, and who connects again', async () => {
    const { patientId: subjectId } = await world.store.prisma.consent.findFirstOrThrow();
    const { accessToken } = await connect(world, patient);
    expect(await isPermitted(accessToken)).toBe(true);
    const cut = {
      kind: 'patient' as const,
      subjectId: subjectId ?? '',
      endsGrants: false,
      reason: 'A test.',
    };
    await cutOffAccess(registryDeps(world), securityOfficer, cut);
    expect(await isPermitted(accessToken)).toBe(false);
    expect((await lastEvent())?.reason).toBe('access_cut_off');
    token = (await connect(world, patient)).accessToken;
    expect(await isPermitted()).toBe(true);
  });

  test('a token that nobody issued, and one for another resource server', async () => {
    expect(await isPermitted('0nobody-ever-issued-this')).toBe(false);
    expect(await lastEvent()).toMatchObject({ reason: 'token_unknown', appId: null });
    const answer = await decide(world, readOf(token), other);
    expect([answer.decision, answer.context.reason_admin]).toEqual([false, { 401: 'invalid_token' }]);
    expect(await lastEvent()).toMatchObject({ reason: 'audience_foreign', resourceServerId: other.id });
  });
});

describe('an app and a person instead of a token', () => {
  const client = (id: string, user?: string) => ({
    type: 'client',
    id,
    ...(user && { properties: { user } }),
  });
  let person: string;
  beforeAll(async () => {
    person = String((await world.introspect(token)).sub);
  });
  const ask = async (subject: Json, server?: ResourceServer) =>
    (await decide(world, readOf('', { subject }), server)).decision;

  test('are answered as the live token is that the app has for her', async () => {
    expect(await ask(client(world.clientId, person))).toBe(true);
    expect(await ask({ type: 'user', id: person, properties: { client_id: world.clientId } })).toBe(true);
    expect(await lastEvent()).toMatchObject({ appId: world.clientId, accountId: person });
  });

  test('without a live token are denied: another person, another app, another resource server', async () => {
    expect(await ask(client(world.clientId, 'somebody-else'))).toBe(false);
    expect(await ask(client('another-app', person))).toBe(false);
    expect(await ask(client(world.clientId, person), other)).toBe(false);
    expect(await ask(client(world.clientId))).toBe(false);
    expect(await ask({ type: 'user', id: person })).toBe(false);
    expect(await ask({ type: 'dog', id: person })).toBe(false);
    expect((await lastEvent())?.reason).toBe('token_unknown');
  });

  test('are denied when her tokens have ended', async () => {
    await world.store.prisma.accessToken.updateMany({ data: { revokedAt: new Date() } });
    expect(await ask(client(world.clientId, person))).toBe(false);
    token = (await connect(world, patient)).accessToken;
    expect(await ask(client(world.clientId, person))).toBe(true);
  });
});

test.each([
  ['a-well-formed.id_17', true],
  ['short', false],
  ['with blanks, and more than that', false],
])('the request id %s comes back as it was sent (AuthZEN §10.1.6)', async (id, isKept) => {
  const response = await postDecision(world, 'evaluation', readOf(token), { 'x-request-id': id });
  expect(response.headers.get('x-request-id')).toBe(id);
  expect((await lastEvent())?.requestId === id).toBe(isKept);
});
