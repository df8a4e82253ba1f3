import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import type { TestBrowser } from '../setup/browser.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { keyPair } from '../setup/keyed-server.ts';
import { introspectAs } from '../setup/registrations.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { fhirBaseOf, registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let priya: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  vendor = await registerVendor(world);
  priya = await staffBrowser(world, 'priya-raman');
});
afterAll(() => world.stop());

const faultsIn = (html: string) => [...html.matchAll(/<a href="#field-([^"]+)">/g)].map(([, name]) => name);
const newServer = {
  ...{ name: 'Harbor FHIR', organizationId: '', ownerId: '' },
  ...{ url: 'https://fhir.harbor.example/r4', slug: 'harbor', environment: 'production' },
};

test('a FHIR server: faults of its address at their fields, then the record; a second address follows', async () => {
  const unreadable = await submit(priya, '/admin/servers/new', { ...newServer, name: '', slug: 'No Slug' });
  expect([unreadable.status, faultsIn(unreadable.html).toSorted()]).toEqual([422, ['name', 'slug']]);
  // The summary names what is missing.
  expect(unreadable.html).toContain('<a href="#field-name">Name: This is missing.</a>');
  const wrong = { ...newServer, url: 'ftp://harbor.example', ownerId: 'nobody-of-that-id' };
  const refused = await submit(priya, '/admin/servers/new', wrong);
  expect([refused.status, faultsIn(refused.html).toSorted()]).toEqual([422, ['ownerId', 'url']]);
  expect(refused.html).toContain('value="nobody-of-that-id"');
  const made = await submit(priya, '/admin/servers/new', newServer);
  expect(made.status).toBe(303);
  const path = made.location?.split('?')[0] ?? '';
  const taken = { url: newServer.url, slug: 'harbor-2', environment: 'sandbox' };
  expect((await submit(priya, `${path}/bases`, taken)).status).toBe(422);
  const second = { ...taken, url: 'https://test.harbor.example/r4' };
  expect((await submit(priya, `${path}/bases`, second)).status).toBe(303);
  const text = textOf((await priya.open(path)).html);
  expect(text).toMatch(/test\.harbor\.example\/r4 Sandbox/);
  expect(text).toContain('Nobody');
  const owned = { name: 'Harbor', organizationId: vendor.id, ownerId: vendor.ownerId };
  expect((await submit(priya, `${path}/change`, owned)).status).toBe(303);
  expect(textOf((await priya.open(path)).html)).toContain('The owner');
});

test('a secret is shown once, opens introspection, and is over when it was ended', async () => {
  const { id } = await world.store.prisma.resourceServer.findFirstOrThrow({ where: { name: 'Harbor' } });
  const path = `/admin/servers/${id}`;
  const secret = /<pre[^>]*><code>([^<]+)</.exec((await submit(priya, `${path}/secrets`)).html)?.[1] ?? '';
  expect((await introspectAs(world, { id, secret }, 'unknown')).status).toBe(200);
  const { html } = await priya.open(path);
  expect(html).not.toContain(secret);
  const end = new RegExp(`href="(${path}/secrets/[^"]+)"`).exec(html)?.[1] ?? '';
  expect((await submit(priya, end, { when: 'now', reason: 'It leaked.' })).location).toBe(
    `${path}?done=ended`,
  );
  expect((await introspectAs(world, { id, secret }, 'unknown')).status).toBe(401);
});

test('keys are set and removed again; what is no JSON, or private, is told at the field', async () => {
  const { id } = await world.store.prisma.resourceServer.findFirstOrThrow({ where: { name: 'Harbor' } });
  const path = `/admin/servers/${id}`;
  const { publicKey, privateKey } = await keyPair('harbor-1');
  for (const jwks of ['{"keys":', '{"keys":[]}', JSON.stringify({ keys: [privateKey] })]) {
    const refused = await submit(priya, `${path}/keys`, { jwks });
    expect([jwks, refused.status, [...new Set(faultsIn(refused.html))]]).toEqual([jwks, 422, ['jwks']]);
  }
  const jwks = JSON.stringify({ keys: [publicKey] });
  expect((await submit(priya, `${path}/keys`, { jwks })).location).toBe(`${path}?done=saved`);
  expect(textOf((await priya.open(path)).html)).toMatch(/harbor-1 EC ES384/);
  expect((await priya.open(`${path}/keys`)).html).toContain('harbor-1');
  expect((await submit(priya, `${path}/keys`, { jwks: '' })).status).toBe(303);
  expect(textOf((await priya.open(path)).html)).not.toContain('harbor-1');
});

test('a server is suspended with its typed name and hears of no token; resumed, it does', async () => {
  const { id, secret } = world.resourceServer;
  const { name } = await world.store.prisma.resourceServer.findUniqueOrThrow({ where: { id } });
  const path = `/admin/servers/${id}`;
  expect((await submit(priya, `${path}/suspend`, { reason: 'Leak', confirm: 'another' })).status).toBe(422);
  expect((await submit(priya, `${path}/suspend`, { reason: 'Leak', confirm: name })).status).toBe(303);
  expect((await introspectAs(world, { id, secret }, 'unknown')).status).not.toBe(200);
  expect((await submit(priya, `${path}/resume`, { reason: 'Mended' })).status).toBe(303);
  expect((await introspectAs(world, { id, secret }, 'unknown')).status).toBe(200);
});

test('an EHR is made with public keys only; what is no JSON is told at its field and kept', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
  const about = { kid: 'one', alg: 'ES384', use: 'sig' };
  const setOf = async (key: typeof publicKey) =>
    JSON.stringify({ keys: [{ ...(await exportJWK(key)), ...about }] });
  const fields = { name: 'Harbor EHR', fhirBaseUrl: await fhirBaseOf(world, 'production') };
  const send = (jwks: string) =>
    submit(priya, '/admin/ehrs/new', { ...fields, jwks, organizationId: '', ownerId: '' });
  for (const jwks of ['{"keys":', '', await setOf(privateKey)]) {
    const refused = await send(jwks);
    expect([refused.status, [...new Set(faultsIn(refused.html))]]).toEqual([422, ['jwks']]);
  }
  expect((await send('{"keys":')).html).toContain('{&quot;keys&quot;:</textarea>');
  const made = await send(await setOf(publicKey));
  expect(made.status).toBe(303);
  const path = made.location?.split('?')[0] ?? '';
  const { html } = await priya.open(path);
  expect(textOf(html)).toMatch(/one EC ES384/);
  expect((await submit(priya, `${path}/suspend`, { reason: 'Leak', confirm: 'Harbor EHR' })).status).toBe(
    303,
  );
  expect(textOf((await priya.open('/admin/ehrs')).html)).toMatch(/Harbor EHR.*Suspended/);
  expect((await submit(priya, `${path}/resume`, { reason: 'Mended' })).status).toBe(303);
  const renamed = {
    name: 'Harbor Clinics',
    jwks: await setOf(publicKey),
    organizationId: vendor.id,
    ownerId: '',
  };
  expect((await submit(priya, `${path}/change`, renamed)).status).toBe(303);
  expect(textOf((await priya.open(path)).html)).toContain(vendor.legalName);
});
