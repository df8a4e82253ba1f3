// An app hears by its organization's webhook that a grant of its ended, and roughly why: once a grant.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { registryKey } from '../../src/operations/secret.ts';
import { createTasks } from '../../src/operations/tasks.ts';
import { cutOffAccess } from '../../src/registry/cut-offs.ts';
import { endGrants } from '../../src/store/consents.ts';
import { newWebhookSecret, sealWebhookSecret } from '../../src/store/webhooks.ts';
import { createLog } from '../../src/web/log.ts';
import { redeem } from '../setup/app-client.ts';
import { post } from '../setup/backend-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { registerApp } from '../setup/registrations.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { securityOfficer } from '../setup/reviewed.ts';
import { registerVendor } from '../setup/vendor.ts';
import { createWebhookReceiver, isSignedWith, type WebhookReceiver } from '../setup/webhook-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

describe.each(['postgresql'] as const)('on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;
  let receiver: WebhookReceiver;
  let organizationId: string;
  let clientId: string;
  const secret = newWebhookSecret();

  beforeAll(async () => {
    world = await createWorld(kind);
    receiver = await createWebhookReceiver();
    patient = await world.patientBrowser();
    const vendor = await registerVendor(world);
    organizationId = vendor.id;
    clientId = await registerApp(world, world.clientId, {
      ...{ organizationId, ownerId: vendor.ownerId, contractId: vendor.contractId },
    });
    const sealedWebhookSecret = sealWebhookSecret(registryKey(world.secret), organizationId, secret);
    const data = { webhookUrl: receiver.url, sealedWebhookSecret };
    await world.store.prisma.organization.update({ where: { id: organizationId }, data });
  });
  beforeEach(() => void receiver.posted.splice(0));
  afterAll(async () => {
    await receiver.stop();
    await world.stop();
  });

  /** What the timers of a process do; answers with what was posted about grants. */
  async function posted() {
    const { config, store } = world;
    const tasks = createTasks({
      config,
      secret: world.secret,
      store,
      log: createLog('silent'),
      views: 'views',
    });
    const outbox = tasks.find(({ name }) => name === 'outbox');
    await outbox?.run({ asked: false, cut: new AbortController().signal });
    expect(receiver.posted.every((one) => isSignedWith(secret, one))).toBe(true);
    return receiver.posted.map(({ body }) => JSON.parse(body)).filter(({ type }) => type === 'grant.ended');
  }
  const connected = () => connect(world, patient, { client_id: clientId });
  const lastGrant = () =>
    world.store.prisma.consent.findFirstOrThrow({
      where: { appId: clientId },
      orderBy: { decidedAt: 'desc' },
    });
  const stop = async () => {
    const url = `/my/apps/${clientId}/stop`;
    await patient.form(url, [['csrf', csrfIn((await patient.open(url)).html)]]);
  };

  const ways: readonly (readonly [
    string,
    string,
    (held: Awaited<ReturnType<typeof connect>>) => Promise<unknown>,
  ])[] = [
    ['the patient stops sharing', 'person', stop],
    [
      'the app gives it back',
      'app',
      ({ refreshToken }) => post(`${world.issuer}/revoke`, { token: refreshToken, client_id: clientId }),
    ],
    [
      'a code is used twice',
      'replay',
      ({ request, callback }) => redeem({ ...world, clientId }, request, callback),
    ],
  ];

  test.each(ways)('%s: %s', async (_name, reason, end) => {
    const held = await connected();
    const { grantId, decidedAt } = await lastGrant();
    await end(held);
    expect(await posted()).toEqual([
      {
        type: 'grant.ended',
        timestamp: expect.any(String),
        data: { organizationId, appId: clientId, grantId, grantedAt: decidedAt.toISOString(), reason },
      },
    ]);
    // Once: what happens to it later is no second end.
    receiver.posted.splice(0);
    await world.store.prisma.oidcPayload.updateMany({ where: { grantId }, data: { revokedAt: null } });
    await world.store.prisma.oidcPayload.updateMany({ where: { grantId }, data: { revokedAt: new Date() } });
    expect(await posted()).toEqual([]);
  });

  test('the network ends all over the record of the patient: each grant once, also when she stops sharing then', async () => {
    await connected();
    const { grantId, patientId } = await lastGrant();
    const cut = { kind: 'patient', subjectId: patientId, reason: 'A test.' };
    await cutOffAccess(registryDeps(world), securityOfficer, cut);
    const told = await posted();
    expect(told.map(({ data }) => [data.grantId, data.reason])).toEqual([[grantId, 'network']]);
    receiver.posted.splice(0);
    await cutOffAccess(registryDeps(world), securityOfficer, cut);
    await world.store.prisma.consent.updateMany({ where: { grantId }, data: { withdrawnAt: new Date() } });
    expect(await posted()).toEqual([]);
  });

  test('grants of one record end in the order of their ids, whoever ends them', async () => {
    const { prisma } = world.store;
    await connected();
    const { id: _, grantId: _grant, ...like } = await lastGrant();
    for (const mark of ['c', 'b', 'B', 'a', 'A']) {
      const ids = { id: `order-${mark}`, grantId: `order-${mark}`, patientId: like.patientId };
      await prisma.consent.create({ data: { ...like, launchContext: {}, ...ids } });
    }
    const written = () =>
      world.store.sql<{ id: string }>(
        "SELECT id FROM outbox_message WHERE id LIKE 'grant-ended-order-%' ORDER BY ctid",
        [],
      );
    const told = (...marks: string[]) => marks.map((mark) => ({ id: `grant-ended-order-${mark}` }));
    await endGrants(world.store, ['order-c', 'order-a', 'order-B'], { by: 'patient' });
    expect(await written()).toEqual(told('B', 'a', 'c'));
    await prisma.outboxMessage.deleteMany({ where: { id: { startsWith: 'grant-ended-' } } });
    await cutOffAccess(registryDeps(world), securityOfficer, {
      ...{ kind: 'patient', subjectId: like.patientId, reason: 'A test.' },
    });
    expect(await written()).toEqual(told('A', 'b'));
  });

  test('a purpose ends: each app that may ask for it hears so, without a word about anybody', async () => {
    await cutOffAccess(registryDeps(world), securityOfficer, {
      ...{ kind: 'purpose', subjectId: 'PATRQT', reason: 'A test.' },
    });
    const told = (await posted()).map(({ data }) => data);
    expect(told).toContainEqual({ organizationId, appId: clientId, purpose: 'PATRQT', reason: 'network' });
  });

  test('an organization without a webhook is told nothing, and nothing fails', async () => {
    const before = await world.store.prisma.outboxMessage.count();
    const { refreshToken } = await connect(world, patient);
    const revoked = await post(`${world.issuer}/revoke`, { token: refreshToken, client_id: world.clientId });
    expect([revoked.status, await world.store.prisma.outboxMessage.count()]).toEqual([200, before]);
    const told = await world.store.prisma.signalEvent.count({ where: { appIds: { has: world.clientId } } });
    expect(told).toBeGreaterThan(0);
  });
});
