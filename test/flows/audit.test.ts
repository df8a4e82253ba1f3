// What is kept of a story for those who must answer for it, and that the database itself keeps it unchanged.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { introspectAs, registerResourceServer } from '../setup/registrations.ts';
import { createWorld, databases, type World } from '../setup/world.ts';

describe.each(databases)('the audit of a story, on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;
  let kept: Connection;
  let patientId: string;

  const events = (type: string) =>
    world.store.prisma.auditEvent.findMany({ where: { type }, orderBy: { id: 'asc' } });

  async function stopSharing(): Promise<void> {
    const url = `/my/apps/${world.clientId}/stop`;
    const { html } = await patient.open(url);
    await patient.form(url, [['csrf', csrfIn(html)]]);
  }

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
    patientId = String((await world.store.prisma.passkey.findFirstOrThrow()).patientId);
    await patient.authorize(authorizationRequest(world).url, { decision: 'deny' });
    await patient.authorize(authorizationRequest(world, { aud: undefined }).url);
    const first = await connect(world, patient);
    await redeem(world, first.request, first.callback);
    const second = await connect(world, patient);
    await post(`${world.issuer}/revoke`, { token: second.refreshToken, client_id: world.clientId });
    const backend = (await (await backendToken(world)).json()) as { access_token: string };
    await backendToken(world, { scope: 'patient/Patient.rs' });
    await world.introspect(backend.access_token);
    kept = await connect(world, patient);
    await world.introspect(kept.accessToken);
    await world.introspect(kept.accessToken);
    await introspectAs(world, await registerResourceServer(world), kept.accessToken);
    await stopSharing();
    await world.introspect(kept.accessToken);
    await refresh(world, kept.refreshToken);
    const page = await patient.open('/my');
    await patient.form('/my/sign-out', [['csrf', csrfIn(page.html)]]);
    await patient.signIn(await patient.open('/my'));
    const service = await backendToken(world);
    const { access_token: token } = (await service.json()) as { access_token: string };
    const own = await authenticated(world, { claims: { aud: world.issuer } });
    await post(`${world.issuer}/revoke`, { token, ...own });
  });
  afterAll(() => world.stop());

  test.each([
    ['invitation.issued', {}],
    ['invitation.opened', {}],
    ['passkey.registered', { detail: { synced: true } }],
    ['patient.signed_in', {}],
    ['patient.signed_out', {}],
    ['consent.denied', { appId: 'lantern-health', purpose: 'PATRQT' }],
    ['consent.granted', { appId: 'lantern-health', purpose: 'PATRQT', grantId: expect.any(String) }],
    ['consent.withdrawn', { appId: 'lantern-health', grantId: expect.any(String) }],
    ['token.issued', { appId: 'lantern-health', purpose: 'PATRQT' }],
  ])('%s is kept, with the patient that it is about', async (type, about) => {
    const found = await events(type);
    expect(found).toContainEqual(expect.objectContaining({ ...about, patientId }));
    for (const { recordedAt } of found) expect(Date.now() - recordedAt.getTime()).toBeLessThan(3_600_000);
  });

  test.each([
    ['authorization.refused', 'audience_missing'],
    ['token.refused', 'scope_not_system'],
    ['token.refused', 'code_replayed'],
    ['introspection.refused', 'audience_foreign'],
    ['introspection.refused', 'grant_revoked'],
  ])('%s is kept with its reason %s and the request that it was', async (type, reason) => {
    const found = (await events(type)).filter((event) => event.reason === reason);
    expect(found).toHaveLength(1);
    expect(found[0]?.requestId).toMatch(/^[\w.-]{8,64}$/);
    expect(found[0]?.appId).not.toBeNull();
  });

  test('the end of a consent says who ended it; a revoked token names its app', async () => {
    const ends = (await events('consent.withdrawn')).map(({ detail }) => (detail as { by: string }).by);
    expect(ends).toEqual(['replay', 'app', 'patient']);
    expect((await events('token.revoked')).map(({ appId }) => appId)).toEqual([world.backendId]);
  });

  test('each permit has an access record, one for a token, a resource server and a minute (I4)', async () => {
    const records = await world.store.prisma.accessRecord.findMany();
    expect(new Set(records.map(({ tokenId }) => tokenId)).size).toBe(2);
    const ours = records.filter(({ appId }) => appId === world.clientId);
    // Asked twice: two rows only when the minute changed in between.
    expect([1, 2]).toContain(ours.length);
    expect(new Set(ours.map(({ minute }) => minute.getTime())).size).toBe(ours.length);
    for (const { minute, resourceServerId, purpose } of ours) {
      expect(minute.getTime() % 60_000).toBe(0);
      expect({ resourceServerId, purpose }).toEqual({
        ...{ resourceServerId: world.resourceServer.id, purpose: 'PATRQT' },
      });
    }
  });

  test.each([
    `UPDATE audit_event SET reason = 'nothing happened'`,
    'DELETE FROM audit_event',
    'DELETE FROM audit_event WHERE false',
    'TRUNCATE audit_event',
    'TRUNCATE audit_event CASCADE',
    `INSERT INTO audit_event (id, type, detail) SELECT id, 'x', '{}' FROM audit_event LIMIT 1
       ON CONFLICT (id, recorded_at) DO UPDATE SET type = 'x'`,
  ])('the database refuses: %s', async (statement) => {
    const before = await world.store.prisma.auditEvent.count();
    await expect(world.store.sql(statement, [])).rejects.toThrow('audit_event is append-only');
    expect(await world.store.prisma.auditEvent.count()).toBe(before);
  });
});
