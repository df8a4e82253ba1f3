// The precise reason of each refusal at /authorize, for the developers of the app: the answer itself hides it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/policy/permissions.ts';
import { listRefusals } from '../../src/registry/refusals.ts';
import { cursorOf } from '../../src/store/paging.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { latestRefusal, refusalsOf } from '../setup/refusals.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

type Changes = Readonly<Record<string, string | undefined>>;

/** Asks for a code in vain; answers with what is kept of it. */
async function refused(changes: Changes, more = '') {
  const before = (await refusalsOf(world, world.clientId)).length;
  const response = await patient.send(authorizationRequest(world, changes).url + more);
  expect(response.headers.get('location') ?? '').not.toContain('/interaction/');
  expect(await refusalsOf(world, world.clientId)).toHaveLength(before + 1);
  const [door, diagnosis] = await latestRefusal(world, world.clientId);
  expect(door).toBe('authorize');
  return diagnosis;
}

describe('a redirect URI that is not registered (RFC 9700 §2.1)', () => {
  const registered = () => `${world.appOrigin}/app`;

  test.each([
    ['https://evil.example/cb', 'https://evil.example/cb'],
    ['https://app.example/cb?patient=ana&code=1#x', 'https://app.example/cb'],
    ['https://ana:secret@app.example/cb', 'https://app.example/cb'],
    ['https://app.example/a/'.padEnd(400, 'b/'), 'https://app.example/a/'.padEnd(200, 'b/')],
    ['https://loc\u0430lhost/app\0', 'https://loc\\u{430}lhost/app\\u{0}'],
    ['org.example.app:/cb', 'org.example.app:/cb'],
    ['not a URL', 'not a URL'],
    [`https://app.example/${'Zm9vYmFyYmF6'.repeat(4)}/cb`, 'https://app.example/.../cb'],
  ])('is kept beside the registered one, without query, fragment and password, %#', async (sent, got) => {
    const diagnosis = await refused({ redirect_uri: sent });
    expect(diagnosis).toEqual({ code: 'redirect_uri_unknown', expected: registered(), got });
  });

  test('what differs in the query or fragment alone is told so, since neither is repeated', async () => {
    for (const tail of ['?patient=ana', '#x', '?']) {
      const diagnosis = await refused({ redirect_uri: registered() + tail });
      expect(diagnosis).toEqual({ code: 'redirect_uri_query', expected: registered(), got: registered() });
    }
  });

  test('counts before all else that is wrong', async () => {
    const diagnosis = await refused({ redirect_uri: 'https://evil.example/cb', code_challenge: undefined });
    expect(diagnosis?.code).toBe('redirect_uri_unknown');
  });
});

const fhirBase = expect.stringMatching(/\/fhir$/);
const ceiling = expect.stringContaining('patient/Patient.rs');

test.each<[string, Changes, object]>([
  ['pkce_missing', { code_challenge: undefined, code_challenge_method: undefined }, { expected: 'S256' }],
  ['pkce_method', { code_challenge_method: 'plain' }, { expected: 'S256', got: 'plain' }],
  ['pkce_method', { code_challenge_method: undefined }, { expected: 'S256' }],
  ['pkce_malformed', { code_challenge: 'short' }, {}],
  ['response_type', { response_type: 'token' }, { expected: 'code', got: 'token' }],
  ['response_type', { response_type: 'code token' }, { expected: 'code' }],
  ['response_type', { response_type: undefined }, { expected: 'code' }],
  ['response_mode', { response_mode: 'fragment' }, { expected: 'query', got: 'fragment' }],
  ['redirect_uri_missing', { redirect_uri: undefined }, { expected: expect.stringMatching(/\/app$/) }],
  ['state_missing', { state: undefined }, {}],
  ['audience_missing', { aud: undefined }, { expected: fhirBase }],
  [
    'audience_unknown',
    { aud: 'https://a.example/r4?id=1' },
    { expected: fhirBase, got: 'https://a.example/...' },
  ],
  [
    'audience_unknown',
    { resource: 'https://a.example/r4' },
    { expected: fhirBase, got: 'https://a.example/...' },
  ],
  ['purpose_not_registered', { purpose_of_use: 'TREAT' }, { expected: 'PATRQT', got: 'TREAT' }],
  ['purpose_emergency', { purpose_of_use: 'ETREAT' }, { expected: 'PATRQT', got: 'ETREAT' }],
  ['purpose_unknown', { purpose_of_use: 'Ana Rivera has asked' }, { expected: 'PATRQT' }],
  [
    'scope_empty',
    { scope: 'system/Patient.rs?name=Ana hello' },
    { expected: ceiling, got: 'system/Patient.rs ...' },
  ],
  ['scope_unreadable', { scope: 'x'.repeat(3_000) }, { expected: ceiling, got: '...' }],
  ['scope_missing', { scope: undefined }, { expected: ceiling }],
  ['launch_unknown', { launch: 'a launch that never was' }, {}],
  ['person_needed', { prompt: 'none', scope: 'patient/Patient.rs' }, {}],
  ['request_faulty', { request: 'eyJ' }, { got: expect.any(String) }],
])('%s is kept with what was expected and what came, %#', async (code, changes, compared) => {
  expect(await refused(changes)).toEqual({ code, ...compared });
});

test('a parameter that came twice is named; a person who declines leaves a refusal without her name', async () => {
  expect(await refused({}, '&scope=openid')).toEqual({ code: 'parameter_twice', got: 'scope' });
  await patient.authorize(authorizationRequest(world).url, { decision: 'deny' });
  expect(await latestRefusal(world, world.clientId)).toEqual(['authorize', { code: 'person_declined' }]);
});

test('who names no registered client leaves nothing: anyone could fill the table', async () => {
  const before = await world.store.prisma.auditEvent.count();
  for (const client_id of ['nobody', 'a\0b', undefined])
    await patient.send(authorizationRequest(world, { client_id, redirect_uri: 'https://evil.example' }).url);
  expect(await world.store.prisma.auditEvent.count()).toBe(before);
});

describe('the list of an app', () => {
  test('is its own, newest first, page by page, each refusal once', async () => {
    const id = await registerApp(world, world.clientId, {});
    const states = ['one', 'two', 'three', 'four', 'five'];
    for (const got of states)
      await patient.send(
        authorizationRequest(world, { client_id: id, redirect_uri: `https://evil.example/${got}` }).url,
      );
    const gots: (string | undefined)[] = [];
    let after: string | null | undefined;
    do {
      const page = await listRefusals(registryDeps(world), commandLine, id, {
        limit: 2,
        after: after ?? undefined,
      });
      expect(page.rows.length).toBeLessThanOrEqual(2);
      gots.push(...page.rows.map(({ diagnosis }) => diagnosis?.got?.split('/').at(-1)));
      after = page.next;
    } while (after !== null);
    expect(gots).toEqual(states.reverse());
    const [newest] = await refusalsOf(world, id);
    expect(newest).toMatchObject({ error: 'invalid_redirect_uri', resourceServerId: null });
    expect(newest?.requestId).toMatch(/^[\w-]{8,}/);
    expect(Date.now() - Number(newest?.at)).toBeLessThan(600_000);
  });

  test('goes back seven days, and holds refusals alone', async () => {
    const id = await registerApp(world, world.clientId, {});
    const { prisma } = world.store;
    const event = { appId: id, detail: {} };
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    const kept = { ...event, type: 'token.refused', reason: 'contract_expired', recordedAt: daysAgo(6.9) };
    await prisma.auditEvent.create({ data: kept });
    await prisma.auditEvent.create({ data: { ...kept, recordedAt: daysAgo(7.1) } });
    await prisma.auditEvent.create({ data: { ...event, type: 'token.issued' } });
    expect((await refusalsOf(world, id)).map(({ diagnosis }) => diagnosis)).toEqual([
      { code: 'contract_expired' },
    ]);
  });

  test.each(['x', 'W10', cursorOf(['x', 'y']), cursorOf([new Date().toISOString(), 'y'])])(
    'is not read from a cursor that is none of its own: "%s"',
    async (after) => {
      const asked = listRefusals(registryDeps(world), commandLine, world.clientId, { after });
      expect(await refusedWith(asked)).toEqual(['input_invalid', 'after cursor_unreadable']);
    },
  );

  test('is there for its organization and those who oversee, as the app is', async () => {
    const from = (organizationId: string) =>
      listRefusals(registryDeps(world), actor(organizationId, ['developer']), world.clientId, { limit: 1 });
    expect((await from('lantern')).rows).toHaveLength(1);
    expect(await refusedWith(from('tidewater'))).toEqual(['record_unknown']);
  });
});
