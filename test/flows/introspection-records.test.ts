// Introspections that come together are one question to the database, and each hears its own answer: on the embedded
// database, too. What was answered was recorded before.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { post } from '../setup/backend-client.ts';
import { connect } from '../setup/connection.ts';
import { introspectAs, type ResourceServer, registerResourceServer } from '../setup/registrations.ts';
import { addInstance } from '../setup/second-instance.ts';
import { basic, createWorld, databases, type World } from '../setup/world.ts';

describe.each(databases)('on the %s database', (kind) => {
  let world: World;
  let token: string;
  let other: ResourceServer;

  beforeAll(async () => {
    world = await createWorld(kind);
    token = (await connect(world, await world.patientBrowser())).accessToken;
    other = await registerResourceServer(world);
    // A minute that has just begun.
    world.clock.advance(61_000 - (Date.now() % 60_000));
  });
  afterAll(() => world.stop());

  const records = () => world.store.prisma.accessRecord.findMany();

  test('many at once, of several callers about several tokens: each its own', async () => {
    const own = { authorization: basic(world.resourceServer.id, world.resourceServer.secret) };
    const ask = (parameters: Record<string, string | undefined>, headers: Record<string, string> = own) =>
      post(`${world.issuer}/introspect`, parameters, headers);
    const kinds: (readonly [
      () => Promise<Response>,
      (answer: Record<string, unknown>) => unknown,
      unknown,
    ])[] = [
      [() => ask({ token }), ({ active, client_id }) => [active, client_id], [true, world.clientId]],
      [() => introspectAs(world, other, token), ({ active }) => active, false],
      [() => ask({ token: `${token}x` }), ({ active }) => active, false],
      [() => ask({ token: '3' }), ({ active }) => active, false],
      [() => ask({ token: 'no token of ours' }), ({ active }) => active, false],
      [() => ask({}), ({ error }) => error, 'invalid_request'],
      [
        () => ask({ token }, { authorization: basic(other.id, 'wrong') }),
        ({ error }) => error,
        'invalid_client',
      ],
      [() => ask({ token }, {}), ({ error }) => error, 'invalid_client'],
      [
        () => ask({ token }, { authorization: `Bearer ${token}` }),
        ({ error }) => error,
        'insufficient_scope',
      ],
    ];
    const asked = Array.from({ length: 54 }, (_, index) => kinds[index % kinds.length]).flatMap((one) =>
      one ? [one] : [],
    );
    const answers = await Promise.all(
      asked.map(async ([send, of]) => of((await (await send()).json()) as Record<string, unknown>)),
    );
    expect(answers).toEqual(asked.map(([, , expected]) => expected));
  });

  test('one record a token, resource server and minute; none where the answer was no', async () => {
    const known = await records();
    expect(known).toMatchObject([{ resourceServerId: world.resourceServer.id, appId: world.clientId }]);
    await Promise.all([1, 2, 3].map(() => world.introspect(token)));
    expect(await records()).toEqual(known);
    world.clock.advance(60_000);
    await Promise.all([1, 2, 3].map(() => world.introspect(token)));
    const minutes = (await records()).map(({ minute }) => minute.getTime());
    expect(minutes).toHaveLength(2);
    expect(Math.abs((minutes[0] ?? 0) - (minutes[1] ?? 0))).toBe(60_000);
  });

  if (kind === 'embedded') return;

  test('two instances write it once', async () => {
    const instances = await addInstance(world);
    world.clock.advance(60_000);
    const authorization = basic(world.resourceServer.id, world.resourceServer.secret);
    const asked = ([0, 1, 0, 1] as const).map((at) =>
      instances.post(at, '/introspect', { token }, { authorization }),
    );
    expect((await Promise.all(asked)).map(({ body }) => body.active)).toEqual([true, true, true, true]);
    await instances.stop();
    expect(await records()).toHaveLength(3);
  });

  test('without its record there is no answer', async () => {
    world.clock.advance(60_000);
    await world.store.prisma.$transaction(
      async (tx) => {
        await tx.$executeRawUnsafe('LOCK TABLE access_record IN SHARE MODE');
        const response = await introspectAs(world, world.resourceServer, token);
        expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      },
      { timeout: 60_000 },
    );
    expect(await world.introspect(token)).toMatchObject({ active: true });
    expect(await records()).toHaveLength(4);
  });
});
