import { afterAll, beforeAll, test } from '@jest/globals';
import fc from 'fast-check';
import type { TestBrowser } from '../setup/browser.ts';
import { basic, createWorld, type World } from '../setup/world.ts';
import { isNoFaultOfOurs } from './no-fault.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

test('bodies of any bytes and kind', async () => {
  const type = fc.constantFrom(
    'application/x-www-form-urlencoded',
    'application/json',
    'text/plain',
    'x',
    '',
  );
  const path = fc.constantFrom('/token', '/revoke', '/introspect', '/authorize');
  await fc.assert(
    fc.asyncProperty(path, type, fc.uint8Array({ maxLength: 200 }), async (to, contentType, bytes) => {
      const headers = { 'content-type': contentType, authorization: basic('x', 'y') };
      const body = new Uint8Array(bytes);
      await isNoFaultOfOurs(await fetch(`${world.issuer}${to}`, { method: 'POST', headers, body }));
    }),
    { numRuns: 100 },
  );
});

test('addresses', async () => {
  const part = fc.oneof(
    fc.constantFrom('..', '%00', '%zz', '%2e%2e', '%2F', 'x'.repeat(3_000), ';'),
    fc.string({ maxLength: 20 }).map(encodeURIComponent),
  );
  const before = fc.constantFrom(
    '/interaction/',
    '/authorize/',
    '/fhir-bases/',
    '/my/apps/',
    '/assets/',
    '/',
    '/invitation/',
  );
  const after = fc.constantFrom('', '/consent', '/passkey', '/stop', '/.well-known/smart-configuration');
  await fc.assert(
    fc.asyncProperty(
      before,
      part,
      after,
      fc.constantFrom('GET', 'POST'),
      async (start, middle, end, method) => {
        await isNoFaultOfOurs(await patient.send(`${world.issuer}${start}${middle}${end}`, { method }));
      },
    ),
    { numRuns: 150 },
  );
});
