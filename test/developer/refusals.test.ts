import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { refusals } from '../../src/errors.ts';
import { FAULT_CODES } from '../../src/policy/faults.ts';
import { TIMELINE_TYPES } from '../../src/registry/app-timeline.ts';
import { CHANGE_KINDS } from '../../src/registry/changes.ts';
import { createMessages } from '../../src/web/messages.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { signAssertion } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { textOf } from './portal.ts';

let world: World;
let dana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  dana = await staffBrowser(world, 'dana-whitfield');
});
afterAll(() => world.stop());

const shown = async (id: string, query = '') =>
  textOf((await dana.open(`/developer/apps/${id}/refusals${query}`)).html);

test('a redirect URI that is not registered is shown beside the registered ones, without its query', async () => {
  expect(await shown(world.clientId)).toContain('Nothing was refused.');
  const redirect_uri = 'https://lantern.example/wrong?patient=ana';
  await fetch(authorizationRequest(world, { redirect_uri }).url, { redirect: 'manual' });
  const text = await shown(world.clientId);
  expect(text).toMatch(new RegExp(`Expected.*${world.appOrigin}/app.*https://lantern\\.example/wrong`, 'i'));
  expect(text).not.toContain('patient=ana');
});

test('an assertion that was sent twice, and one with a wrong clock, are told apart', async () => {
  const send = async (assertion: string) =>
    fetch(`${world.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'system/Patient.rs',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      }),
    });
  const honest = await signAssertion(world);
  expect((await send(honest)).status).toBe(200);
  expect((await send(honest)).status).toBe(401);
  const early = Math.floor(Date.now() / 1_000) + 120;
  expect((await send(await signAssertion(world, { claims: { iat: early } }))).status).toBe(401);
  const text = await shown(world.backendId);
  const t = createMessages('views').translator('en');
  expect(text).toContain(t('diagnosis.assertion_replayed'));
  expect(text).toContain(t('diagnosis.assertion_iat'));
  expect(text).toMatch(/1[12]\d s/);
  expect(text).not.toContain(honest.slice(-40));
});

test('the log is read page by page, and a cursor of something else is refused', async () => {
  for (let count = 0; count < 52; count += 1)
    await fetch(authorizationRequest(world, { redirect_uri: 'https://x.example/' }).url, {
      redirect: 'manual',
    });
  const { html } = await dana.open(`/developer/apps/${world.clientId}/refusals`);
  const next = /href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const rows = async (path: string) => (await dana.open(path)).html.match(/<tr>/g)?.length;
  // The head of the table is a row as well.
  expect([
    await rows(html === '' ? '' : `/developer/apps/${world.clientId}/refusals`),
    await rows(next),
  ]).toEqual([51, 4]);
  expect((await dana.open(`/developer/apps/${world.clientId}/refusals?after=nonsense`)).response.status).toBe(
    400,
  );
});

test('whatever can happen has its words', () => {
  const known = new Set(createMessages('views').keys());
  const check = readFileSync('src/provider/assertion-check.ts', 'utf8');
  const claims = readFileSync('src/provider/client-assertion.ts', 'utf8');
  const codes = (text: string, type: string) => {
    const union = new RegExp(`type ${type} =([^;]*);`).exec(text)?.[1] ?? '';
    return [...union.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code);
  };
  const needed = [
    ...[...codes(check, 'CheckCode'), ...codes(claims, 'AssertionFaultCode')].map(
      (code) => `developer.assertion.${code}`,
    ),
    ...TIMELINE_TYPES.map((type) => `developer.event.${type}`),
    ...CHANGE_KINDS.map((kind) => `developer-changes.kind.${kind}`),
    ...FAULT_CODES.map((code) => `fault.${code}`),
  ];
  expect(needed.length).toBeGreaterThan(130);
  expect(needed.filter((key) => !known.has(key))).toEqual([]);
  // Those of standing stand on the page of an app.
  const standing = Object.keys(refusals).slice(0, 14);
  expect(standing.filter((reason) => !known.has(`diagnosis.${reason}`))).toEqual([]);
});
