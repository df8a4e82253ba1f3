import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { type ApiDocument, apiUser, readDocument, send } from '../setup/api-client.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let document: ApiDocument;
let operator: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  document = await readDocument(world);
  const { id } = await world.store.prisma.organization.findFirstOrThrow({ where: { kind: 'network' } });
  operator = (await apiUser(world, id, ['operator', 'reviewer', 'owner', 'developer'])).token;
});
afterAll(() => world.stop());

/** As much of OpenAPI 3.1.0 as the document uses: nothing beside it, nothing missing. */
const schema = z.record(z.string(), z.unknown());
const media = z.record(z.string(), z.strictObject({ schema: schema.optional() }));
const methods = z.enum(['get', 'post', 'put', 'patch', 'delete']);
const operation = z.strictObject({
  operationId: z.string().regex(/^[a-z][A-Za-z]+$/),
  tags: z.array(z.string()).length(1),
  summary: z.string().min(10),
  'x-passkey-minutes': z.int().optional(),
  parameters: z.array(
    z.strictObject({ name: z.string(), in: z.enum(['path', 'query']), required: z.boolean(), schema }),
  ),
  requestBody: z.strictObject({ required: z.literal(true), content: media }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), content: media.optional() }),
  ),
});
const openApi = z.strictObject({
  openapi: z.literal('3.1.0'),
  jsonSchemaDialect: z.url(),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.url() })).length(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().regex(/^\//), z.partialRecord(methods, operation)),
  components: z.strictObject({
    securitySchemes: z.strictObject({
      token: z.strictObject({
        type: z.literal('http'),
        scheme: z.literal('bearer'),
        description: z.string(),
      }),
    }),
    schemas: z.record(z.string(), schema),
  }),
});

describe('the document', () => {
  test('is an OpenAPI 3.1 document, for everyone to read', async () => {
    const response = await fetch(`${world.issuer}/api/v1/openapi.json`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const read = openApi.safeParse(await response.json());
    expect(read.error?.issues ?? []).toEqual([]);
    expect(read.data?.servers[0]?.url).toBe(`${world.issuer}/api/v1`);
  });

  test('names each operation once, and each parameter of its path', () => {
    const ids = document.operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, path, parameters } of document.operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name);
      expect([operationId, described]).toEqual([operationId, named]);
    }
  });

  test('points only at what is in it, and its schemas can be read', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
    expect(new Set(refs)).toEqual(new Set(['#/components/schemas/error']));
    for (const { requestBody } of document.operations) {
      const body = requestBody?.content['application/json'].schema;
      if (body !== undefined) expect(() => z.fromJSONSchema(body as never)).not.toThrow();
    }
  });

  test('requests forbid what they do not name; answers may grow', () => {
    for (const { operationId, requestBody, responses } of document.operations) {
      const body = requestBody?.content['application/json'].schema;
      if (body !== undefined) expect([operationId, body.additionalProperties]).toEqual([operationId, false]);
      expect(JSON.stringify(responses)).not.toContain('"additionalProperties":false');
    }
  });
});

describe('requests that break a schema are refused, never a fault of ours', () => {
  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      '',
      ' ',
      'x'.repeat(5_000),
      '\u202e',
      -1,
      1e308,
      0.5,
      true,
      [],
      {},
      [[]],
      [null],
    ),
    fc.jsonValue({ maxDepth: 3 }),
  );

  test('each field of each body, with anything in it', async () => {
    for (const one of document.operations) {
      const body = one.requestBody?.content['application/json'].schema as
        | { properties?: Record<string, unknown> }
        | undefined;
      if (body === undefined) continue;
      const expected = z.fromJSONSchema(body as never);
      const fields = Object.keys(body.properties ?? {});
      const sent = fc.record(Object.fromEntries([...fields, 'surplus'].map((field) => [field, odd])), {
        requiredKeys: ['surplus'],
      });
      for (const value of fc.sample(sent, { numRuns: 6, seed: 7 })) {
        expect(expected.safeParse(value).success).toBe(false);
        const { status, body: answer } = await send(world, operator, one, { body: value });
        const isRefused = [400, 403, 404, 409].includes(status);
        expect([one.operationId, JSON.stringify(value), status, isRefused]).toEqual([
          ...[one.operationId, JSON.stringify(value), status, true],
        ]);
        expect(answer).toHaveProperty('error_description');
      }
    }
  });

  test('each parameter of each query and path, with anything in it', async () => {
    const texts = [
      '',
      ' ',
      '\u0000',
      '\ud800',
      '%',
      '../..',
      "';--",
      'x'.repeat(3_000),
      '-1',
      '1e9',
      'null',
      '{}',
    ];
    for (const one of document.operations.filter(({ method }) => method === 'get')) {
      for (const { name, in: place } of one.parameters) {
        for (const text of texts) {
          const value = text.replace(/\p{Surrogate}/gu, '?');
          const asked = place === 'path' ? { at: { [name]: value || ' ' } } : { query: { [name]: value } };
          const { status } = await send(world, operator, one, asked);
          expect([one.operationId, name, value, status < 500]).toEqual([one.operationId, name, value, true]);
        }
      }
    }
  });
});
