// Of what a decision rests on each thing alone turns a permit into a denial, through the front door.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Reason } from '../../src/errors.ts';
import { connect } from '../setup/connection.ts';
import { type DecisionAnswer, decide, decisionsIn, type Evaluation, type Json } from '../setup/decisions.ts';
import { type ResourceServer, registerResourceServer } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const LABEL = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

let world: World;
let token: string;
let other: ResourceServer;

beforeAll(async () => {
  world = await createWorld('embedded', { POSTERN_NETWORKS: '10.0.0.0/8,2001:db8::/32' });
  // Of observations she keeps those of the laboratory.
  const kept = { choices: ['Patient.view', 'Observation.laboratory.view'] };
  token = (await connect(world, await world.patientBrowser(), {}, kept)).accessToken;
  other = await registerResourceServer(world);
});
afterAll(() => world.stop());

interface Parts {
  readonly subject: Json;
  readonly action: Json;
  readonly resource: Json;
  readonly properties: Json;
  readonly context: Json;
}

/** A read of one laboratory result, about which everything is told. */
const parts = (): Parts => ({
  subject: { type: 'access_token', id: token },
  action: { name: 'read' },
  resource: { type: 'Observation', id: 'ana-glucose' },
  properties: {
    patient: 'ana-rivera',
    labels: [`${CONFIDENTIALITY}|N`],
    parameters: { category: `${CATEGORY}|laboratory` },
  },
  context: {
    ...{
      network: '10.1.2.3',
      device: 'compliant',
      caller_role: 'individual_access',
      transaction_type: 'query',
    },
    ...{ exchange_profile: 'interactive', time: new Date().toISOString(), fhir_base: world.fhirBase },
    ...{ purpose_of_use: 'PATRQT', acr_values: ['phr'], max_age: 3_600 },
  },
});

function asked(changes: { readonly [Part in keyof Parts]?: Json } = {}): Evaluation {
  const { subject, action, resource, properties, context } = parts();
  return {
    subject: { ...subject, ...changes.subject },
    action: { ...action, ...changes.action },
    resource: { ...resource, ...changes.resource, properties: { ...properties, ...changes.properties } },
    context: { ...context, ...changes.context },
  };
}

const reasonOf = async (): Promise<string | null | undefined> => (await decisionsIn(world)).at(-1)?.reason;

test('all of it together is permitted', async () => {
  expect(await decide(world, asked())).toMatchObject({ decision: true });
  expect(await decide(world, { ...asked(), context: { network: '2001:db8::7' } })).toMatchObject({
    decision: true,
  });
});

type Changes = Parameters<typeof asked>[0];
const minutesOff = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const table: readonly (readonly [what: string, () => Changes, reason: Reason])[] = [
  ['the token', () => ({ subject: { id: '0another-token' } }), 'token_unknown'],
  ['the kind of the subject', () => ({ subject: { type: 'spiffe' } }), 'token_unknown'],
  ['the action', () => ({ action: { name: 'update' } }), 'transaction_wrong'],
  ['the resource type', () => ({ resource: { type: 'Condition' } }), 'scope_insufficient'],
  ['the resource id', () => ({ resource: { type: 'Patient', id: 'james-okafor' } }), 'patient_foreign'],
  ['the patient', () => ({ properties: { patient: 'james-okafor' } }), 'patient_foreign'],
  ['a security label', () => ({ properties: { labels: [`${LABEL}|ETH`] } }), 'sensitivity_not_chosen'],
  [
    'a category',
    () => ({ properties: { parameters: { category: `${CATEGORY}|survey` } } }),
    'scope_insufficient',
  ],
  ['the network', () => ({ context: { network: '192.0.2.1' } }), 'network_not_allowed'],
  ['the device', () => ({ context: { device: 'not-compliant' } }), 'device_not_compliant'],
  ['the role of the calling service', () => ({ context: { caller_role: 'payer' } }), 'caller_role_wrong'],
  ['the transaction type', () => ({ context: { transaction_type: 'submission' } }), 'transaction_wrong'],
  ['the exchange profile', () => ({ context: { exchange_profile: 'bulk' } }), 'exchange_profile_wrong'],
  ['the time, too early', () => ({ context: { time: minutesOff(-10) } }), 'request_stale'],
  ['the time, too late', () => ({ context: { time: minutesOff(10) } }), 'request_stale'],
  ['the FHIR base', () => ({ context: { fhir_base: 'https://elsewhere.example/fhir' } }), 'base_wrong'],
  ['the purpose of use', () => ({ context: { purpose_of_use: 'TREAT' } }), 'purpose_differs'],
  ['how strongly she signed in', () => ({ context: { acr_values: ['phrh'] } }), 'sign_in_too_weak'],
];

test.each(table)('%s', async (_what, changes, reason) => {
  const answer = await decide(world, asked(changes()));
  expect([answer.decision, await reasonOf()]).toEqual([false, reason]);
});

test('the resource server that asks', async () => {
  expect((await decide(world, asked(), other)).decision).toBe(false);
  expect(await reasonOf()).toBe('audience_foreign');
});

test('how long ago she signed in, and what she would have to do (RFC 9470 §3)', async () => {
  world.clock.advance(120_000);
  const answer: DecisionAnswer = await decide(world, asked({ context: { max_age: 60 } }));
  expect(await reasonOf()).toBe('sign_in_too_old');
  expect(answer).toMatchObject({
    decision: false,
    context: { reason_admin: { 401: 'insufficient_user_authentication' }, max_age: 60, acr_values: 'phr' },
  });
  expect((await decide(world, asked())).decision).toBe(true);
});
