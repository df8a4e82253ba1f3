import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSafeFetch } from '../../src/outside/safe-fetch.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import {
  offboardOrganization,
  resumeOrganization,
  suspendOrganization,
} from '../../src/registry/organization-standing.ts';
import { removeWebhook, setWebhook } from '../../src/registry/webhooks.ts';
import { findWebhook } from '../../src/store/webhooks.ts';
import { refresh } from '../setup/app-client.ts';
import { connect } from '../setup/connection.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, securityOfficer } from '../setup/reviewed.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWebhookReceiver, type WebhookReceiver } from '../setup/webhook-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let receiver: WebhookReceiver;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
  receiver = await createWebhookReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await world.stop();
});

const row = (id: string) => world.store.prisma.organization.findUniqueOrThrow({ where: { id } });
const because = { reason: 'Contract under dispute.' };

test('a suspension ends the organization’s tokens at the next request; at its end its apps go on with their consents', async () => {
  const { accessToken, refreshToken } = await connect(world, await world.patientBrowser());
  const active = async () => (await world.introspect(accessToken)).active;
  expect(await active()).toBe(true);
  await suspendOrganization(deps, securityOfficer, 'lantern', because);
  expect(await active()).toBe(false);
  expect(await refusedWith(suspendOrganization(deps, operator, 'lantern', because))).toEqual([
    'state_conflict',
  ]);
  // Who stops is not who lets go on.
  expect(await refusedWith(resumeOrganization(deps, securityOfficer, 'lantern', because))).toEqual([
    'not_allowed',
  ]);
  await resumeOrganization(deps, operator, 'lantern', { reason: 'Settled.' });
  expect(await active()).toBe(false);
  const again = await refresh(world, refreshToken);
  const { access_token: next } = (await again.json()) as { access_token: string };
  expect(await world.introspect(next)).toMatchObject({ active: true });
  expect(await refusedWith(resumeOrganization(deps, operator, 'lantern', because))).toEqual([
    'state_conflict',
  ]);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId: 'lantern', type: { in: ['organization.suspended', 'organization.resumed'] } },
    orderBy: { id: 'asc' },
  });
  expect(events).toMatchObject([
    { type: 'organization.suspended', accountId: 'tom-lindqvist', detail: { ...because, via: 'portal' } },
    { type: 'organization.resumed', accountId: 'priya-raman', detail: { reason: 'Settled.' } },
  ]);
});

test('offboarding is for good', async () => {
  const gone = await registerVendor(world);
  expect(await refusedWith(offboardOrganization(deps, operator, gone.id, {}))).toEqual([
    ...['input_invalid', 'reason required'],
  ]);
  await offboardOrganization(deps, operator, gone.id, because);
  expect((await row(gone.id)).offboardedAt).not.toBeNull();
  for (const again of [offboardOrganization, suspendOrganization, resumeOrganization])
    expect(await refusedWith(again(deps, operator, gone.id, because))).toEqual(['state_conflict']);
  expect(await refusedWith(setWebhook(deps, operator, gone.id, { url: receiver.url }))).toEqual([
    'state_conflict',
  ]);
});

test('the organization of the last operator stays', async () => {
  for (const turn of [suspendOrganization, offboardOrganization])
    expect(await refusedWith(turn(deps, operator, 'demo-network', because))).toEqual(['state_conflict']);
  expect(await row('demo-network')).toMatchObject({ suspendedAt: null, offboardedAt: null });
});

test('its own owner does none of it, and another’s does not know of it', async () => {
  for (const turn of [suspendOrganization, resumeOrganization, offboardOrganization]) {
    expect(await refusedWith(turn(deps, vendor.owner, vendor.id, because))).toEqual(['not_allowed']);
    expect(await refusedWith(turn(deps, vendor.owner, 'lantern', because))).toEqual(['record_unknown']);
    expect(await refusedWith(turn(deps, operator, 'none', because))).toEqual(['record_unknown']);
  }
});

describe('a webhook', () => {
  test('is set with a secret that is shown once and kept sealed; set again it has another', async () => {
    const { secret } = await setWebhook(deps, vendor.owner, vendor.id, { url: receiver.url });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const kept = await findWebhook(world.store, deps.sealKey, vendor.id);
    expect(kept?.url).toBe(receiver.url);
    expect(kept?.key).toEqual(Buffer.from(secret.slice('whsec_'.length), 'base64'));
    expect(await dumpTables(world.store)).not.toContain(secret.slice('whsec_'.length));
    const next = await setWebhook(deps, vendor.owner, vendor.id, { url: receiver.url });
    expect(next.secret).not.toBe(secret);
    await removeWebhook(deps, vendor.owner, vendor.id);
    expect(await row(vendor.id)).toMatchObject({ webhookUrl: null, sealedWebhookSecret: null });
    expect(await refusedWith(removeWebhook(deps, vendor.owner, vendor.id))).toEqual(['state_conflict']);
  });

  test.each([
    ['javascript:alert(1)', 'url_scheme'],
    ['https://user@hooks.example/', 'url_user_info'],
    ['http://hooks.example/', 'url_https_required'],
    ['https://169.254.169.254/', 'url_host'],
    ['https://2130706433/', 'url_not_canonical'],
    ['https://[::ffff:7f00:1]/', 'url_host'],
    ['https://localhost/', 'url_unreachable'],
    ['https://nobody.invalid/', 'url_unreachable'],
    ['not a url', 'url_unreadable'],
  ])('%s is refused, and nothing is sent to it', async (url, code) => {
    const strict = { ...deps, fetch: createSafeFetch({ allowLoopback: false }) };
    const [reason, fault] = await refusedWith(setWebhook(strict, vendor.owner, vendor.id, { url }));
    expect([reason, fault]).toEqual(['input_invalid', `url ${code}`]);
  });

  test('of this machine is for the settings to allow; refused it is not called', async () => {
    const strict = { ...deps, fetch: createSafeFetch({ allowLoopback: false }) };
    receiver.posted.length = 0;
    expect(await refusedWith(setWebhook(strict, vendor.owner, vendor.id, { url: receiver.url }))).toEqual([
      ...['input_invalid', 'url url_unreachable'],
    ]);
    expect(receiver.posted).toEqual([]);
  });

  test('is of the owner and the operators', async () => {
    const url = { url: receiver.url };
    expect(await refusedWith(setWebhook(deps, vendor.developer, vendor.id, url))).toEqual(['not_allowed']);
    expect(await refusedWith(setWebhook(deps, vendor.owner, 'lantern', url))).toEqual(['record_unknown']);
    expect(await refusedWith(removeWebhook(deps, vendor.owner, 'lantern'))).toEqual(['record_unknown']);
  });
});
