// /register under attack: addresses that lead somewhere else.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { picture } from '../setup/picture.ts';
import {
  type Answered,
  backendMetadata,
  clientMetadata,
  faultsIn,
  freshKey,
  initialToken,
  registerClient,
} from '../setup/registration-client.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let token: string;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  vendor = await registerVendor(world);
  token = await initialToken(world, vendor);
});
afterAll(() => world.stop());

const register = async (changes: object): Promise<Answered> =>
  registerClient(world, token, await clientMetadata(world, { ...changes }));

describe('addresses that we fetch', () => {
  const INSIDE = [
    ...['https://127.0.0.1/x', 'https://10.0.0.1/x', 'https://169.254.169.254/latest', 'https://[::1]/x'],
    ...[
      'https://[::ffff:127.0.0.1]/x',
      'https://2130706433/x',
      'http://bright.example/x',
      'file:///etc/passwd',
    ],
  ];
  let strict: World;
  let strictToken: string;
  let server: Server;
  let asked = 0;
  let answer: { status: number; headers: Record<string, string>; body: Buffer };

  beforeAll(async () => {
    strict = await createWorld('postgresql', {
      ...{ POSTERN_REGISTRATION: 'true', POSTERN_ALLOW_LOOPBACK_FETCH: 'false' },
    });
    strictToken = await initialToken(strict, await registerVendor(strict));
    server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await strict.stop();
  });

  const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  test.each(INSIDE)('%s is not asked, as jwks_uri and as logo_uri', async (address) => {
    const keys = await backendMetadata(strict, { jwks_uri: address });
    expect(faultsIn(await registerClient(strict, strictToken, keys))[1]).toMatch(/^jwks_uri /);
    const logo = await clientMetadata(strict, { logo_uri: address });
    expect(faultsIn(await registerClient(strict, strictToken, logo))[1]).toBe('logo_uri url_unreachable');
  });

  test('our own machine is sent nothing', async () => {
    for (const member of ['jwks_uri', 'logo_uri']) {
      const metadata = await backendMetadata(strict, {
        jwks: { keys: [await freshKey()] },
        [member]: at('/x'),
      });
      expect((await registerClient(strict, strictToken, metadata)).status).toBe(400);
    }
    expect(asked).toBe(0);
  });

  test.each([
    [
      'SVG',
      { status: 200, headers: { 'content-type': 'image/svg+xml' }, body: Buffer.from('<svg/>') },
      'logo_not_png',
    ],
    ['too large', { status: 200, headers: {}, body: Buffer.alloc(300_000) }, 'logo_too_large'],
    ['too small a picture', { status: 200, headers: {}, body: picture(16) }, 'logo_dimensions'],
    [
      'an address that points elsewhere',
      { status: 302, headers: { location: '/y' }, body: picture() },
      'url_unreachable',
    ],
    ['nothing there', { status: 404, headers: {}, body: picture() }, 'url_unreachable'],
  ])('a logo: %s', async (_, given, code) => {
    answer = given as never;
    expect(faultsIn(await register({ logo_uri: at('/logo') }))).toEqual([
      ...['invalid_client_metadata', `logo_uri ${code}`],
    ]);
  });

  test('a PNG is kept by us, and our address of it is as good as its own', async () => {
    answer = { status: 200, headers: { 'content-type': 'image/png' }, body: picture() };
    const { body } = await register({ logo_uri: at('/logo.png') });
    expect(body.logo_uri).toMatch(new RegExp(`^${world.issuer}/logos/[0-9a-f]{64}$`));
    asked = 0;
    expect((await register({ logo_uri: body.logo_uri })).body.logo_uri).toBe(body.logo_uri);
    expect(asked).toBe(0);
  });
});
