import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { skeletonOf } from '../../src/policy/names.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { harbor, send } from './portal.ts';

let world: World;
let stranger: TestBrowser;
let dana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  const { prisma } = world.store;
  const organization = { id: 'tidal', legalName: 'Tidal Apps', nameSkeleton: skeletonOf('Tidal Apps') };
  await prisma.organization.create({ data: organization });
  const person = { id: 'noor', organizationId: 'tidal', name: 'Noor Haddad', email: 'noor@tidal.example' };
  await prisma.person.create({ data: { ...person, userHandle: 'bm9vcg' } });
  for (const role of ['owner', 'developer'])
    await prisma.personRole.create({
      data: { id: `noor-${role}`, personId: 'noor', role, grantedBy: 'test' },
    });
  [stranger, dana] = await Promise.all([staffBrowser(world, 'noor'), staffBrowser(world, 'dana-whitfield')]);
});
afterAll(() => world.stop());

const PAGES = [
  '',
  '/edit',
  '/submit',
  '/keys',
  '/refusals',
  '/test-key',
  '/quick-start',
  '/changes',
  '/people',
  '/transfer',
];
const FORMS = [
  ...['/edit', '/submit', '/withdraw', '/keys', '/keys/secret', '/keys/1/end', '/test-key', '/changes'],
  ...['/people', '/transfer', '/offboard'],
];

test.each(PAGES)('another organization’s app is not there: GET …%s', async (page) => {
  const { response, html } = await stranger.open(`/developer/apps/${world.clientId}${page}`);
  expect(response.status).toBe(404);
  expect(html).not.toContain('Lantern');
});

test.each(FORMS)('nor can it be changed: POST …%s', async (page) => {
  const answer = await send(stranger, '/developer', `/developer/apps/${world.clientId}${page}`, {
    ...harbor(world),
    action: 'save',
    when: 'now',
  });
  expect(answer.status).toBe(404);
});

test('nor is it what a new app begins with, nor in the list', async () => {
  const { response } = await stranger.open(`/developer/apps/new?from=${world.clientId}`);
  expect(response.status).toBe(404);
  expect((await stranger.open('/developer')).html).toContain('has no app yet');
});

describe('who is let in', () => {
  test('nobody without a session', async () => {
    const { TestBrowser: Browser } = await import('../setup/browser.ts');
    const answer = await new Browser(world.issuer).send('/developer/tokens');
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      '/staff/sign-in?next=%2Fdeveloper%2Ftokens',
    ]);
  });

  test('no one of the console, who has no app', async () => {
    const tom = await staffBrowser(world, 'tom-lindqvist');
    expect((await tom.open('/developer')).response.status).toBe(403);
  });
});

test.each(FORMS)('a form of somewhere else changes nothing: POST …%s', async (page) => {
  const answer = await dana.form(`/developer/apps/${world.clientId}${page}`, [['csrf', 'forged']]);
  expect(answer.status).toBe(403);
});
