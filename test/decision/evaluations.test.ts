// AuthZEN §7: several evaluations in one call. They share defaults, are answered in their order, and end as asked.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../setup/connection.ts';
import { decide, decideAll, decisionsIn, type Json, postDecision, readOf } from '../setup/decisions.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let token: string;

beforeAll(async () => {
  world = await createWorld('embedded');
  token = (await connect(world, await world.patientBrowser())).accessToken;
});
afterAll(() => world.stop());

const [yes, no] = [{ action: { name: 'read' } }, { action: { name: 'sing' } }];

async function asked(evaluations: readonly Json[], semantic?: string): Promise<boolean[]> {
  const { action: _, ...defaults } = readOf(token);
  const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic } };
  return (await decideAll(world, { ...defaults, evaluations, ...options })).map(({ decision }) => decision);
}

test.each([
  [undefined, [yes, no, yes], [true, false, true]],
  ['execute_all', [no, no, yes], [false, false, true]],
  ['deny_on_first_deny', [yes, yes, no, yes], [true, true, false]],
  ['deny_on_first_deny', [yes, yes], [true, true]],
  ['permit_on_first_permit', [no, no, yes, no], [false, false, true]],
  ['permit_on_first_permit', [no, no], [false, false]],
])('%s answers as far as it goes, and records no more than that', async (semantic, evaluations, expected) => {
  const before = (await decisionsIn(world)).length;
  expect(await asked(evaluations, semantic)).toEqual(expected);
  const events = (await decisionsIn(world)).slice(before);
  expect(events.map(({ type }) => type === 'decision.permitted')).toEqual(expected);
});

test('a member of an evaluation stands in place of the default, as a whole (§7.1.1)', async () => {
  const answers = await decideAll(world, {
    ...readOf(token),
    evaluations: [{}, { subject: { type: 'access_token', id: 'another' } }, no, { action: { name: 'sing' } }],
  });
  expect(answers.map(({ decision }) => decision)).toEqual([true, false, false, false]);
});

test.each([{}, { evaluations: [] }])('without evaluations it is one (§7.1): %j', async (more) => {
  const response = await postDecision(world, 'evaluations', { ...readOf(token), ...more });
  const answer = (await response.json()) as Json;
  expect(answer).toMatchObject({ decision: true });
  expect(answer).not.toHaveProperty('evaluations');
});

test('a thousand in one call are a thousand events, under one request id', async () => {
  const before = (await decisionsIn(world)).length;
  const evaluations = Array.from({ length: 1_000 }, (_, n) => (n % 2 === 0 ? yes : no));
  const { action: _, ...defaults } = readOf(token);
  const response = await postDecision(
    world,
    'evaluations',
    { ...defaults, evaluations },
    { 'x-request-id': 'a-thousand' },
  );
  const answers = ((await response.json()) as { evaluations: { decision: boolean }[] }).evaluations;
  expect(answers.map(({ decision }) => decision)).toEqual(evaluations.map((one) => one === yes));
  const events = (await decisionsIn(world)).slice(before);
  expect(events.map(({ requestId, type }) => `${requestId} ${type === 'decision.permitted'}`)).toEqual(
    evaluations.map((one) => `a-thousand ${one === yes}`),
  );
});

test('a thousand and one are refused, and none of them is recorded', async () => {
  const before = (await decisionsIn(world)).length;
  const evaluations = Array.from({ length: 1_001 }, () => yes);
  const response = await postDecision(world, 'evaluations', { ...readOf(token), evaluations });
  expect(response.status).toBe(400);
  expect(await decisionsIn(world)).toHaveLength(before);
});

test('what is left out is named in every spelling, twice alike, and what is no confidentiality that is open', async () => {
  const search = readOf(token, { action: { name: 'search' }, resource: { type: 'Observation', id: '*' } });
  const [first, second] = [await decide(world, search), await decide(world, search)];
  expect(second).toEqual(first);
  const redact = first.context.obligations?.find(({ type }) => type === 'redact');
  expect(redact?.properties).toMatchObject({
    labels: expect.arrayContaining([
      'http://hl7.org/fhir/v3/ActCode|SUD',
      'urn:oid:2.16.840.1.113883.5.4|SUD',
    ]),
    confidentiality: {
      systems: expect.arrayContaining(['urn:oid:2.16.840.1.113883.5.25']),
      open: ['U', 'L', 'M', 'N'],
    },
    unlabelled: false,
  });
});
