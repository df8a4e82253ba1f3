import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, reasonsOf } from '../setup/connection.ts';
import { introspectAs, type ResourceServer, registerResourceServer } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

describe.each(['postgresql'] as const)('a second resource server, on %s', (kind) => {
  let world: World;
  let patient: TestBrowser;
  let other: ResourceServer;

  beforeAll(async () => {
    world = await createWorld(kind);
    patient = await world.patientBrowser();
    other = await registerResourceServer(world);
  });
  afterAll(() => world.stop());

  test('hears {"active":false} and nothing else about tokens of the first (RFC 7662 §2.2, §4)', async () => {
    const { accessToken } = await connect(world, patient);
    const backend = (await (await backendToken(world)).json()) as Record<string, string>;
    for (const token of [accessToken, backend.access_token ?? '']) {
      expect(await world.introspect(token)).toMatchObject({ active: true });
      const response = await introspectAs(world, other, token);
      expect([response.status, await response.text()]).toEqual([200, '{"active":false}']);
      expect((await reasonsOf(world, 'introspection.refused')).at(-1)).toBe('audience_foreign');
    }
  });

  test('asked in vain, which is on record, and nothing of it as an access to the patient', async () => {
    const { accessToken } = await connect(world, patient);
    const before = await world.store.prisma.accessRecord.count();
    await introspectAs(world, other, accessToken);
    expect(await world.store.prisma.accessRecord.count()).toBe(before);
    const [event] = await world.store.prisma.auditEvent.findMany({ orderBy: { id: 'desc' }, take: 1 });
    expect(event).toMatchObject({ resourceServerId: other.id, appId: world.clientId });
    expect(
      JSON.stringify(event, (_key, value) => (typeof value === 'bigint' ? `${value}` : value)),
    ).not.toContain(accessToken);
  });
});
