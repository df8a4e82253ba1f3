// What a resource server, or who says that it is one, may send in the wrong: each is refused in words, and none permits.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { connect } from '../setup/connection.ts';
import { decisionsIn, type Json, postDecision, readOf } from '../setup/decisions.ts';
import { registerResourceServer } from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let token: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  token = (await connect(world, await world.patientBrowser())).accessToken;
});
afterAll(() => world.stop());

async function heard(response: Response): Promise<[number, Json]> {
  return [response.status, (await response.json()) as Json];
}

describe('who asks', () => {
  const ask = (authorization: string) => postDecision(world, 'evaluation', readOf(token), { authorization });

  test.each([
    ['nobody', () => '', 'Basic'],
    ['an unknown server', () => basic('nobody', 'x'), 'Basic'],
    ['a wrong secret', () => basic(world.resourceServer.id, 'wrong'), 'Basic'],
    ['an unknown token', () => `Bearer ${'x'.repeat(43)}`, 'Bearer'],
    ['another scheme', () => 'Negotiate YII=', 'Basic'],
  ])('as %s hears 401 and how to say who it is', async (_who, authorization, scheme) => {
    const before = (await decisionsIn(world)).length;
    const response = await ask(authorization());
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(new RegExp(`^${scheme} realm="decision"`));
    expect(await response.json()).not.toHaveProperty('decision');
    expect(await decisionsIn(world)).toHaveLength(before);
  });

  test("as an app with its patient's token hears 403", async () => {
    const response = await ask(`Bearer ${token}`);
    expect(await heard(response)).toMatchObject([403, { error: 'insufficient_scope' }]);
  });

  test('as a suspended server hears 403 with its own secret, 401 with another', async () => {
    const { id, secret } = await registerResourceServer(world);
    await world.store.prisma.resourceServer.update({ where: { id }, data: { suspendedAt: new Date() } });
    expect(await heard(await ask(basic(id, secret)))).toMatchObject([403, { error: 'access_denied' }]);
    expect((await ask(basic(id, 'wrong'))).status).toBe(401);
  });

  test('wrongly hears that before anything of the body', async () => {
    for (const body of ['{', 'x'.repeat(70_000), '{}']) {
      const response = await postDecision(world, 'evaluation', body, { authorization: basic('nobody', 'x') });
      expect(response.status).toBe(401);
    }
  });
});

describe('the form of the body', () => {
  const { subject, action, resource } = readOf('x') as Required<ReturnType<typeof readOf>>;
  const bodies: readonly (readonly [string, unknown])[] = [
    ['no JSON', '{"subject":'],
    ['nothing', ''],
    ['a list', []],
    ['a word', '"permit"'],
    ['null', 'null'],
    ['no subject', { action, resource }],
    ['no action', { subject, resource }],
    ['no resource', { subject, action }],
    ['a subject without type', { subject: { id: 'x' }, action, resource }],
    ['a subject without id', { subject: { type: 'access_token' }, action, resource }],
    ['an empty token', { subject: { type: 'access_token', id: '' }, action, resource }],
    ['two tokens', { subject: { type: 'access_token', id: ['x', 'y'] }, action, resource }],
    ['a huge token', { subject: { type: 'access_token', id: 'x'.repeat(5_000) }, action, resource }],
    ['U+0000', { subject, action, resource: { ...resource, id: 'a\0b' } }],
    [
      'half a character',
      `{"subject":{"type":"client","id":"\\ud800"},"action":{"name":"read"},"resource":{"type":"a","id":"b"}}`,
    ],
    ['a resource without id', { subject, action, resource: { type: 'Patient' } }],
    ['labels that are no list', { subject, action, resource: { ...resource, properties: { labels: 'R' } } }],
    [
      'a parameter of no name',
      { subject, action, resource: { ...resource, properties: { parameters: { '': 'x' } } } },
    ],
    [
      'a nested parameter',
      { subject, action, resource: { ...resource, properties: { parameters: { a: { b: 1 } } } } },
    ],
    ['a count below one', { subject, action, resource: { ...resource, properties: { count: 0 } } }],
    ['a count that is none', { subject, action, resource: { ...resource, properties: { count: 1.5 } } }],
    ['a time that is none', { subject, action, resource, context: { time: 'yesterday' } }],
    ['a context that is none', { subject, action, resource, context: 'x' }],
  ];

  test.each(bodies)('%s: 400, and which part', async (_what, body) => {
    const [status, { error, error_description }] = await heard(await postDecision(world, 'evaluation', body));
    expect([status, error]).toEqual([400, 'invalid_request']);
    expect(error_description).toMatch(/^(the body|subject|action|resource|context)/);
  });

  test.each([
    ['evaluations that are no list', { evaluations: {} }],
    ['an evaluation that is none', { evaluations: ['x'] }],
    ['an evaluation that lacks what no default gives', { subject, action, evaluations: [{}] }],
    ['an unknown semantic', { evaluations: [{}], options: { evaluations_semantic: 'permit_all' } }],
    ['one that is too many', { evaluations: Array.from({ length: 1_001 }, () => ({})) }],
  ])('%s: 400, and nothing is decided', async (_what, changes) => {
    const before = (await decisionsIn(world)).length;
    const response = await postDecision(world, 'evaluations', {
      ...readOf(token),
      ...changes,
      ...('subject' in changes && { resource: undefined }),
    });
    expect(await heard(response)).toMatchObject([400, { error: 'invalid_request' }]);
    expect(await decisionsIn(world)).toHaveLength(before);
  });

  test.each([
    ['evaluation', 65_537],
    ['evaluations', 1_048_577],
  ] as const)('%s of more than it may have: 413', async (path, bytes) => {
    const body = JSON.stringify({ ...readOf(token), more: '' });
    const response = await postDecision(
      world,
      path,
      body.replace('""', `"${'x'.repeat(bytes - body.length)}"`),
    );
    expect(await heard(response)).toMatchObject([413, { error: 'invalid_request' }]);
  });

  test('another type or coding: 400', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])
      expect((await postDecision(world, 'evaluation', readOf(token), { 'content-type': type })).status).toBe(
        400,
      );
    for (const coding of ['gzip', 'br', 'evil']) {
      const response = await postDecision(world, 'evaluation', readOf(token), { 'content-encoding': coding });
      expect(response.status).toBe(400);
    }
  });

  test('deep nesting ends nothing', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const body = JSON.stringify({ ...readOf(token), more: 0 }).replace('"more":0', `"more":${deep}`);
    expect((await postDecision(world, 'evaluation', body)).status).toBe(200);
  });

  test('names of the language are names like others', async () => {
    const body = JSON.stringify({ ...readOf(token), p: 0 }).replace('"p":0', '"__proto__":{"decision":true}');
    expect((await postDecision(world, 'evaluation', body)).status).toBe(200);
    const resource = { type: 'constructor', id: '*', properties: { parameters: { __proto__x: 'y' } } };
    const [, answer] = await heard(await postDecision(world, 'evaluation', readOf(token, { resource })));
    expect(answer.decision).toBe(false);
  });
});

test('nothing is found under these paths by GET', async () => {
  for (const path of ['evaluation', 'evaluations'])
    expect([404, 405]).toContain((await fetch(`${world.issuer}/access/v1/${path}`)).status);
});

test('whatever stands where something is expected: an answer, never a fault, and never a permit', async () => {
  const odd = fc.oneof(
    fc.json().map((text) => JSON.parse(text) as unknown),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('*', '../x', '__proto__', '$export', 'Patient', -1, 1e308, null),
  );
  const members = ['subject', 'action', 'resource', 'context'] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...members),
      fc.string({ maxLength: 12 }),
      odd,
      async (member, name, value) => {
        // Of a token that nobody issued, so that a permit could only come of what is odd.
        const { [member]: given, ...others } = { context: {}, ...readOf('0nobody-issued-this') };
        const keys = [name, 'type', 'id', 'name', 'properties', 'time', 'network'];
        const body = {
          ...others,
          [member]: { ...given, [keys[name.length % keys.length] as string]: value },
        };
        const [status, answer] = await heard(await postDecision(world, 'evaluation', body));
        expect([200, 400]).toContain(status);
        expect(answer.decision ?? false).toBe(false);
      },
    ),
    { numRuns: 150 },
  );
});
