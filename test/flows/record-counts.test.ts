// How much of each kind a record holds stands on the consent page when the FHIR server says so in time: for a token that
// is good for nothing else, and never unseen.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { COUNT_TOKEN, type CountedRecord, countRecord } from '../../src/patient/record-counts.ts';
import { createSigner, readSigningKeys } from '../../src/provider/keys.ts';
import { consentRequest } from '../../src/smart/consent-choices.ts';
import { parseScopes } from '../../src/smart/scope.ts';
import { countTry } from '../../src/store/try-counts.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

const ASKED =
  'launch/patient openid patient/Patient.rs patient/Observation.rs patient/Goal.cu patient/DocumentReference.rs';

interface Heard {
  readonly path: string;
  readonly body: string;
  readonly authorization: string;
}

let world: World;
let ana: TestBrowser;
let answer: { status?: number; body?: string; delayMs?: number };
let heard: Heard[] = [];
const other = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  heard.push({ path: request.url ?? '', body, authorization: request.headers.authorization ?? '' });
  const { status = 200, body: told = '{"resourceType":"Bundle","total":3}', delayMs = 0 } = answer;
  setTimeout(
    () => response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(told),
    delayMs,
  );
});
const base = () => `http://localhost:${(other.address() as AddressInfo).port}/fhir`;

beforeAll(async () => {
  world = await createWorld('postgresql');
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
  await new Promise<void>((ready) => {
    other.listen(0, 'localhost', ready);
  });
});
afterAll(async () => {
  other.close();
  await world.stop();
});

const counted = () => world.store.prisma.auditEvent.findMany({ where: { type: 'record.counted' } });

async function count(told: typeof answer, changes: Partial<CountedRecord> = {}) {
  heard = [];
  answer = told;
  const sign = createSigner(await readSigningKeys(world.store, world.secret));
  const counting = { countingBases: [base()], demoOrigin: undefined, allowLoopback: true };
  const { choices } = consentRequest(parseScopes(ASKED).scopes);
  const about = {
    audience: base(),
    fhirId: 'ana-rivera',
    accountId: 'ana',
    patientId: 'ana',
  };
  const deps = { store: world.store, issuer: world.issuer, sign, counting };
  return Object.fromEntries(await countRecord(deps, { ...about, choices, ...changes }));
}

async function inTime<Value>(ask: () => Promise<Value>, isWhole: (value: Value) => boolean): Promise<Value> {
  let value = await ask();
  for (let tries = 0; tries < 20 && !isWhole(value); tries += 1) value = await ask();
  return value;
}

test('the demo counts: the page says how much there is, and the audit that it was asked', async () => {
  // On a busy machine it may take longer than the page waits.
  const words = await inTime(
    async () => {
      const { html } = await ana.open(authorizationRequest(world).url);
      return html.replace(/<[^>]+>|\s+/g, ' ').replace(/ +/g, ' ');
    },
    (text) => text.includes('in your record now'),
  );
  expect(words).toMatch(/Vital signs Blood pressure[^.]+\. \d+ entries in your record now\./);
  expect(words).not.toMatch(/How you live Smoking[^.]+\. \d+ entr/);
  const [event] = await counted();
  expect(event).toMatchObject({
    ...{ appId: null, purpose: 'PATRQT', patientId: expect.any(String) },
    detail: { audience: world.fhirBase, kinds: expect.arrayContaining(['Observation.laboratory.view']) },
  });
});

test('what is asked: one record, kinds that are not private, in a body, with a token for that alone', async () => {
  const kinds = ['laboratory', 'vital-signs', 'clinical-test'].map((one) => `Observation.${one}.view`);
  const found = await inTime(
    () => count({}),
    (counts) => Object.keys(counts).length === kinds.length,
  );
  expect(found).toEqual(Object.fromEntries(kinds.map((kind) => [kind, 3])));
  expect(new Set(heard.map(({ path }) => path))).toEqual(new Set(['/fhir/Observation/_search']));
  for (const { body } of heard) expect(body).toMatch(/^patient=ana-rivera&category=[^&]+&_summary=count$/);
  const [token = ''] = heard.map(({ authorization }) => authorization.replace('Bearer ', ''));
  const keys = createLocalJWKSet((await (await fetch(`${world.issuer}/jwks`)).json()) as JSONWebKeySet);
  await jwtVerify(token, keys, { issuer: world.issuer, audience: base(), typ: COUNT_TOKEN });
  const { scope, patient, exp = 0, iat = 0 } = decodeJwt(token);
  expect([patient, exp - iat]).toEqual(['ana-rivera', 30]);
  for (const name of String(scope).split(' ')) expect(name).toMatch(/^patient\/Observation\.s\?category=/);
  // To the demo's FHIR server it opens nothing, and at the authorization server it is no token.
  expect(await world.introspect(token)).toEqual({ active: false });
  const search = (of: string, asked: string) =>
    fetch(`${world.fhirBase}/${of}?${asked}`, { headers: { authorization: `Bearer ${token}` } });
  for (const asked of [
    'patient=ana-rivera',
    'patient=ana-rivera&_summary=count',
    'patient=maya-chen&_summary=count',
  ])
    expect((await search('Observation', asked)).status).not.toBe(200);
});

test('the demo counts only what its token says, in the record that it names', async () => {
  const sign = createSigner(await readSigningKeys(world.store, world.secret));
  const times = () => ({ iat: Math.floor(Date.now() / 1_000), exp: Math.floor(Date.now() / 1_000) + 30 });
  const own = {
    iss: world.issuer,
    sub: world.issuer,
    aud: world.fhirBase,
    patient: 'ana-rivera',
    scope: 'patient/Encounter.s',
  };
  const ask = async (claims: object, asked: string, typ: string = COUNT_TOKEN) => {
    const token = await sign({ ...own, ...times(), ...claims }, typ);
    const response = await fetch(`${world.fhirBase}/${asked}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return [response.status, ((await response.json()) as { total?: number }).total];
  };
  const encounters = 'Encounter?patient=ana-rivera&_summary=count';
  expect(await ask({}, encounters)).toEqual([200, expect.any(Number)]);
  for (const [claims, asked, typ] of [
    [{}, 'Condition?patient=ana-rivera&_summary=count', COUNT_TOKEN],
    [{}, 'Encounter?patient=maya-chen&_summary=count', COUNT_TOKEN],
    [{}, 'Encounter?patient=ana-rivera&patient=maya-chen&_summary=count', COUNT_TOKEN],
    [{}, 'Encounter?_summary=count', COUNT_TOKEN],
    [{ aud: 'https://other.example' }, encounters, COUNT_TOKEN],
    [{ iss: 'https://other.example' }, encounters, COUNT_TOKEN],
    [{ scope: 'patient/Encounter.r' }, encounters, COUNT_TOKEN],
    [{ exp: times().iat - 60, iat: times().iat - 90 }, encounters, COUNT_TOKEN],
    [{}, encounters, 'at+jwt'],
  ] as const)
    expect([claims, asked, typ, (await ask(claims, asked, typ))[0]]).toEqual([claims, asked, typ, 403]);
});

test.each([
  ['too slow', { delayMs: 1_500 }],
  ['refusing', { status: 403 }],
  ['in trouble', { status: 500 }],
  ['leading elsewhere', { status: 302 }],
  ['not understood', { body: '{' }],
  ['telling no number', { body: '{"resourceType":"Bundle","total":"many"}' }],
  ['telling less than nothing', { body: '{"resourceType":"Bundle","total":-1}' }],
  ['answering something else', { body: '{"resourceType":"Patient","total":1}' }],
  ['talkative', { body: `{"resourceType":"Bundle","total":1,"x":"${'x'.repeat(20_000)}"}` }],
])('a server that is %s is passed over', async (_what, told) => {
  expect(await count(told)).toEqual({});
});

test('who loads the page again and again is shown no counts for the rest of the hour', async () => {
  const accountId = 'restless';
  for (let page = 1; page < 60; page += 1) await countTry(world.store, `count account ${accountId}`);
  expect(Object.keys(await count({}, { accountId }))).not.toEqual([]);
  const before = (await counted()).length;
  expect(await count({}, { accountId })).toEqual({});
  expect([heard, (await counted()).length]).toEqual([[], before]);
});

test('a server that was not named is not asked', async () => {
  const before = (await counted()).length;
  expect(await count({}, { audience: 'https://fhir.example.com/r4' })).toEqual({});
  expect([heard, (await counted()).length]).toEqual([[], before]);
});
