import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiTokenOf, apiUser, type Described, readDocument, send } from '../setup/api-client.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let operations: readonly Described[];
let vendor: Vendor;
let developer: string;
let appId: string;
let revision: object;

const operation = (id: string): Described => {
  const found = operations.find(({ operationId }) => operationId === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
};
const call = (token: string | undefined, id: string, asked = {}) => send(world, token, operation(id), asked);

beforeAll(async () => {
  world = await createWorld('postgresql');
  ({ operations } = await readDocument(world));
  vendor = await registerVendor(world);
  developer = await apiTokenOf(world, vendor.id, vendor.developerId);
  revision = await revisionFor(world, 'sandbox');
  const { body } = await call(developer, 'createApp', { body: { environment: 'sandbox', revision } });
  appId = String(body.appId);
});
afterAll(() => world.stop());

describe('what is asked', () => {
  const faultsOf = async (id: string, asked: object) => {
    const { status, body } = await call(developer, id, { at: { appId }, ...asked });
    const faults = (body.faults ?? []) as { field: string; code: string; text: string }[];
    expect(faults.every(({ text }) => text.length > 5)).toBe(true);
    return [status, body.error, ...faults.map(({ field, code }) => `${field} ${code}`)];
  };

  test('forbidden and unknown fields are 400, all of them told at once', async () => {
    const body = {
      environment: 'sandbox',
      status: 'approved',
      revision: { ...revision, reviewedAt: 'now', name: '' },
    };
    expect(await faultsOf('createApp', { body })).toEqual([
      ...[400, 'invalid_request', 'status unknown_field', 'revision.reviewedAt unknown_field'],
      'revision.name required',
    ]);
  });

  test('in the query too', async () => {
    const query = { state: 'odd', limit: '1000', favourite: 'blue' };
    expect((await faultsOf('listApps', { query })).sort()).toEqual([
      ...[400, 'favourite unknown_field', 'invalid_request', 'limit out_of_range', 'state not_one_of'],
    ]);
    expect(await faultsOf('listApps', { query: { after: 'x' } })).toEqual([
      ...[400, 'invalid_request', 'after cursor_unreadable'],
    ]);
    const twice = { ...operation('listApps'), path: '/apps?limit=1&limit=2' };
    expect((await send(world, developer, twice)).status).toBe(400);
  });

  test('a body where there is none, and none where there is one', async () => {
    expect((await faultsOf('withdrawSubmission', { body: {} }))[0]).toBe(400);
    expect((await faultsOf('saveRevision', {}))[0]).toBe(400);
    for (const body of ['null', '[]', '7', '{', '{"name":"\\u0000"}', '{"name":"\\udc00"}'])
      expect([body, (await faultsOf('saveRevision', { body }))[0]]).toEqual([body, 400]);
  });

  test('what is refused for its state is 409, and nothing is done twice', async () => {
    const { status, body } = await call(developer, 'withdrawSubmission', { at: { appId } });
    expect([status, body.error]).toEqual([409, 'conflict']);
  });

  test('no answer holds a hash, a sealed secret or the code of an invitation', async () => {
    const { personId, token } = await apiUser(world, vendor.id, ['operator', 'reviewer', 'owner']);
    const at = { appId, personId, organizationId: vendor.id };
    for (const one of operations.filter(
      ({ method, path }) => method === 'get' && !/\{(?!appId|personId|organ)/.test(path),
    )) {
      const named = one.parameters.some(({ name }) => name === 'environment');
      const query: Record<string, string> = named ? { environment: 'sandbox' } : {};
      const { text } = await send(world, token, one, { at, query });
      expect([
        one.operationId,
        /(?<!document)[Hh]ash|argon2|sealed|userHandle|[Ss]keleton/.exec(text),
      ]).toEqual([one.operationId, null]);
    }
  });
});
