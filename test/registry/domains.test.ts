import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createSafeFetch } from '../../src/outside/safe-fetch.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { listDomains, startDomainProof, verifyDomain } from '../../src/registry/domains.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let server: Server;
let domain: string;
let page: { status: number; body: string; headers?: Record<string, string> };
let asked: string[];

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(page.status, page.headers).end(page.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  domain = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await world.stop();
});
beforeEach(async () => {
  vendor = await registerVendor(world);
  [page, asked] = [{ status: 404, body: '' }, []];
});

const start = (name: unknown = domain) =>
  startDomainProof(deps, vendor.developer, vendor.id, { domain: name });
const verify = () => verifyDomain(deps, vendor.developer, vendor.id, { domain });

test('a domain is shown to be the organization’s by a file with the code', async () => {
  const { code, url, verifiedAt } = await start();
  expect([url, verifiedAt]).toEqual([`http://${domain}/.well-known/postern-verification`, null]);
  page = { status: 200, body: `${code}\n` };
  expect((await verify()).verifiedAt).not.toBeNull();
  expect(asked).toEqual(['GET /.well-known/postern-verification']);
  expect(await listDomains(deps, reviewer, vendor.id)).toMatchObject([{ domain, code }]);
  // Once shown it is not asked for again.
  page = { status: 500, body: '' };
  expect((await verify()).verifiedAt).not.toBeNull();
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId: vendor.id },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ type, detail }) => [type, detail])).toEqual([
    ['domain.claimed', { domain, via: 'portal' }],
    [
      'domain.verified',
      {
        ...{ domain, via: 'portal', before: { verifiedAt: null } },
        after: { verifiedAt: expect.any(String) },
      },
    ],
  ]);
});

test('asked again the code is the same; another organization has another', async () => {
  const { code } = await start();
  expect((await start()).code).toBe(code);
  const other = await registerVendor(world);
  const claim = { domain };
  expect((await startDomainProof(deps, other.owner, other.id, claim)).code).not.toBe(code);
  page = { status: 200, body: code };
  expect(await refusedWith(verifyDomain(deps, other.owner, other.id, claim))).toEqual([
    ...['input_invalid', 'domain domain_unverified'],
  ]);
});

describe('a file does not do', () => {
  test.each([
    ['that is not there', (code: string) => ({ status: 404, body: code })],
    ['with more than the code', (code: string) => ({ status: 200, body: `${code} ${code}` })],
    ['with another code', () => ({ status: 200, body: 'x' })],
    ['that is empty', () => ({ status: 200, body: '' })],
    ['somewhere else', (code: string) => ({ status: 302, body: code, headers: { location: '/other' } })],
    ['without end', (code: string) => ({ status: 200, body: code + ' '.repeat(70_000) })],
  ])('%s', async (_, made) => {
    page = made((await start()).code);
    expect(await refusedWith(verify())).toEqual(['input_invalid', 'domain domain_unverified']);
    expect((await listDomains(deps, vendor.owner, vendor.id))[0]?.verifiedAt).toBeNull();
  });
});

test.each([
  ...['https://bright.example', 'bright.example/path', 'user@bright.example', 'bright.example:443'],
  ...['*.bright.example', 'bright.example?x', 'bright .example', 'brіght.example', '0x7f.1'],
])('%p is no domain', async (name) => {
  expect(await refusedWith(start(name))).toEqual(['input_invalid', 'domain domain_unreadable']);
});

test('without one, and with something else, the fault says so', async () => {
  expect(await refusedWith(start(''))).toEqual(['input_invalid', 'domain required']);
  expect(await refusedWith(start(7))).toEqual(['input_invalid', 'domain not_text']);
});

test('its spelling is one: letters are made small', async () => {
  expect((await start(' Bright.Example:8443 ')).domain).toBe('bright.example:8443');
});

test('what the fetch may not reach is not asked', async () => {
  const strict = { ...deps, fetch: createSafeFetch({ allowLoopback: false }) };
  const { code } = await start();
  page = { status: 200, body: code };
  expect(await refusedWith(verifyDomain(strict, vendor.owner, vendor.id, { domain }))).toEqual([
    ...['input_invalid', 'domain domain_unverified'],
  ]);
  expect(asked).toEqual([]);
});

test('it is for the organization itself and operators', async () => {
  const claim = { domain };
  await startDomainProof(deps, operator, vendor.id, claim);
  for (const command of [startDomainProof, verifyDomain]) {
    expect(await refusedWith(command(deps, reviewer, vendor.id, claim))).toEqual(['not_allowed']);
    expect(await refusedWith(command(deps, vendor.owner, 'lantern', claim))).toEqual(['record_unknown']);
    expect(await refusedWith(command(deps, operator, 'none', claim))).toEqual(['record_unknown']);
  }
  const unclaimed = verifyDomain(deps, vendor.owner, vendor.id, { domain: 'other.example' });
  expect(await refusedWith(unclaimed)).toEqual(['record_unknown']);
  expect(await refusedWith(listDomains(deps, vendor.owner, 'lantern'))).toEqual(['record_unknown']);
});

test('a hundred are enough', async () => {
  const rows = Array.from({ length: 99 }, (_, index) => ({
    ...{ organizationId: vendor.id, domain: `d${index}.example`, code: 'c' },
  }));
  await world.store.prisma.domainProof.createMany({ data: rows });
  await start('d99.example');
  expect(await refusedWith(start('d100.example'))).toEqual(['input_invalid', 'domain too_many']);
  expect((await start('d7.example')).code).toBe('c');
});
