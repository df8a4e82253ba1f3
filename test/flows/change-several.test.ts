// One app, several consents: what the page of change does to one of them it does to no other one that it does not tell of.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import { choicesIn, hiddenIn, TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { invitationFor } from '../setup/invite.ts';
import { registerApp, registerSecretClient } from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

const LAB = 'Observation.laboratory.view';
const VITAL = 'Observation.vital-signs.view';
const ASKED = 'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs';

let world: World;
let ana: TestBrowser;
let appId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
});
afterAll(() => world.stop());
beforeEach(async () => {
  appId = await registerApp(world, world.clientId, { purposes: ['PATRQT', 'TREAT'] });
});

const share = (purpose_of_use: string, choices: readonly string[]) =>
  connect(
    world,
    ana,
    { client_id: appId, scope: ASKED, purpose_of_use, prompt: 'consent' },
    { choices, duration: '90' },
  );
const url = (of = '') => `/my/apps/${appId}/change${of}`;
const open = async (of = '') => (await ana.open(url(of))).html;
const checked = (html: string) => choicesIn(html).flatMap(({ id, checked: is }) => (is ? [id] : []));
const linked = (html: string) => html.match(/\?of=[0-9a-f]+(?=">\S[^<]*\(from)/)?.[0] ?? '';
const post = (
  html: string,
  choices: readonly string[],
  { of = '', duration = 'keep', step = 'confirm' } = {},
) =>
  ana.form(url(of), [
    ...hiddenIn(html).filter(([name]) => name === 'csrf' || name === 'basis'),
    ...choices.map((id): [string, string] => ['choice', id]),
    ...([
      ['duration', duration],
      ['step', step],
    ] as const),
  ]);
const scopeOf = async ({ refreshToken }: Connection) => {
  const answer = await refresh({ ...world, clientId: appId }, refreshToken);
  return String(((await answer.json()) as { scope?: string }).scope);
};
const amendments = () => world.store.prisma.consentAmendment.count({ where: { consent: { appId } } });

test('the form as it was made changes nothing; what one consent alone has stays with it', async () => {
  const wide = await share('PATRQT', ['Patient.view', LAB]);
  const narrow = await share('PATRQT', ['Patient.view']);
  const form = await open();
  expect([checked(form), linked(form)]).toEqual([['Patient.view', LAB], '']);
  expect((await post(form, ['Patient.view', LAB])).status).toBe(422);
  expect(await amendments()).toBe(0);
  expect((await post(form, ['Patient.view', LAB, VITAL])).status).toBe(200);
  const [more, less] = [await scopeOf(wide), await scopeOf(narrow)];
  expect([more, less]).toEqual([expect.stringContaining('|laboratory'), expect.stringContaining('|vital')]);
  expect(less).not.toContain('|laboratory');
});

test('what is shared for another purpose has a page of its own, and its form counts for nothing else', async () => {
  const own = await share('PATRQT', ['Patient.view', LAB]);
  const care = await share('COC', ['Patient.view']);
  const form = await open();
  expect([checked(form), form]).toEqual([
    ['Patient.view'],
    expect.stringContaining('You change here only what you share for this'),
  ]);
  const of = linked(form);
  const other = await open(of);
  expect(checked(other)).toEqual(['Patient.view', LAB]);
  expect((await post(other, ['Patient.view'])).status).toBe(409);
  expect((await post(form, ['Patient.view', VITAL], { of })).status).toBe(409);
  expect((await ana.open(url('?of=nothing'))).response.status).toBe(404);
  const review = await (await post(other, ['Patient.view'], { of, step: 'review' })).text();
  expect(review).toContain('You change here only what you share for this');
  expect(review).toContain(`action="${url(of)}"`);
  expect(await amendments()).toBe(0);
  expect((await post(form, ['Patient.view', VITAL], { duration: '365' })).status).toBe(200);
  expect(await scopeOf(own)).not.toContain('|vital-signs');
  expect(await scopeOf(care)).toContain('|vital-signs');
  const ends = await world.store.prisma.consent.findMany({ where: { appId }, orderBy: { decidedAt: 'asc' } });
  const days = ends.map(({ liveUntil }) =>
    Math.round(((liveUntil?.getTime() ?? 0) - Date.now()) / 86_400_000),
  );
  expect(days).toEqual([90, 365]);
});

test('an authorization without a question, for a part of what is shared, has that part alone after an amendment', async () => {
  const { id: clientId, secret } = await registerSecretClient(world);
  appId = clientId;
  const authorized = async (changes: Readonly<Record<string, string>>, choices: readonly string[] = []) => {
    const request = authorizationRequest(world, { client_id: clientId, ...changes });
    const code = (await ana.authorize(request.url, { choices })).searchParams.get('code') ?? '';
    const answer = await fetch(`${world.issuer}/token`, {
      method: 'POST',
      headers: { authorization: basic(clientId, secret) },
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', code, redirect_uri: request.redirectUri },
        code_verifier: request.verifier,
      }),
    });
    return String(((await answer.json()) as { scope?: string }).scope);
  };
  expect(await authorized({ scope: ASKED }, ['Patient.view', LAB])).toContain('|laboratory');
  expect((await post(await open(), ['Patient.view', LAB, VITAL])).status).toBe(200);
  const part = 'launch/patient openid patient/Patient.rs';
  const silent = await authorized({ scope: part, prompt: 'none' });
  expect(silent.split(' ').sort()).toEqual(part.split(' ').sort());
});
