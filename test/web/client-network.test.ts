import { expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { clientNetworks } from '../../src/web/client-network.ts';

const asked = (trusted: readonly string[], remoteAddress: string | undefined, forwarded: readonly string[]) =>
  clientNetworks(trusted)({
    socket: { remoteAddress } as never,
    // The name of a header may look like an address, and its value like the name of another.
    rawHeaders: [
      ...forwarded.flatMap((value) => ['X-Forwarded-For', value]),
      'X',
      'x-forwarded-for',
      '9.9.9.9',
      '',
    ],
  });
const from = (remoteAddress: string | undefined, ...forwarded: readonly string[]) =>
  asked([], remoteAddress, forwarded);
const PROXIES = ['10.0.0.0/8', '203.0.113.7/32', '2001:db8::/32'];
const behind = (remoteAddress: string, ...forwarded: readonly string[]) =>
  asked(PROXIES, remoteAddress, forwarded);

const HERE = '8.8.8.0';

test.each([
  ['a client', from('8.8.8.8'), `${HERE}/24`],
  ['its neighbour', from('8.8.8.200'), `${HERE}/24`],
  ['one that claims to be elsewhere', from('8.8.8.8', '1.2.3.4'), `${HERE}/24`],
  ['behind a proxy on this machine', from('127.0.0.1', '8.8.8.8'), `${HERE}/24`],
  ['the same by IPv6', from('::1', '8.8.8.8'), `${HERE}/24`],
  ['one of a private network that claims to be elsewhere', from('10.0.0.1', '8.8.8.8'), '10.0.0.0/24'],
  ['one of a link that does', from('169.254.1.1', '8.8.8.8'), '169.254.1.0/24'],
  ['IPv4 in IPv6', from('::ffff:8.8.8.8'), `${HERE}/24`],
  ['a proxy that says nothing', from('127.0.0.1'), '127.0.0.0/24'],
  ['a proxy that says nonsense', from('127.0.0.1', 'unknown'), '127.0.0.0/24'],
  ['a proxy that says a number', from('127.0.0.1', '134744072'), '127.0.0.0/24'],
  ['IPv6', from('2600:1:2:3::1'), '2600:1:2::/56'],
  ['another address of that household', from('2600:1:2:ff::2'), '2600:1:2::/56'],
  ['another household', from('2600:1:2:100::1'), '2600:1:2:100::/56'],
  ['a peer that is gone', from(undefined), 'unknown'],
])('%s', (_, network, expected) => expect(network).toBe(expected));

test.each([
  ['behind a proxy of a trusted network', behind('10.0.0.1', '8.8.8.8'), `${HERE}/24`],
  ['behind one with a public address', behind('203.0.113.7', '8.8.8.8'), `${HERE}/24`],
  ['behind its neighbour, which is not trusted', behind('203.0.113.8', '8.8.8.8'), '203.0.113.0/24'],
  ['behind one with IPv6', behind('2001:db8::7', '8.8.8.8'), `${HERE}/24`],
  ['with claims before its word', behind('10.0.0.1', '1.2.3.4, 8.8.8.8'), `${HERE}/24`],
  ['the same as two headers', behind('10.0.0.1', '1.2.3.4', '8.8.8.8'), `${HERE}/24`],
  ['behind two', behind('10.0.0.1', '1.2.3.4, 8.8.8.8, 203.0.113.7'), `${HERE}/24`],
  [
    'behind two, the first of which is not trusted',
    behind('10.0.0.1', '8.8.8.8, 203.0.113.8'),
    '203.0.113.0/24',
  ],
  ['with its port', behind('10.0.0.1', '8.8.8.8:51000'), `${HERE}/24`],
  ['IPv6', behind('10.0.0.1', '2600:1:2:3::1'), '2600:1:2::/56'],
  ['IPv6 in brackets', behind('10.0.0.1', '[2600:1:2:3::1]'), '2600:1:2::/56'],
  ['IPv6 with its port', behind('10.0.0.1', '[2600:1:2:3::1]:51000'), '2600:1:2::/56'],
  ['IPv4 in IPv6 with its port', behind('10.0.0.1', '[::ffff:8.8.8.8]:51000'), `${HERE}/24`],
  ['trusted ones only', behind('10.0.0.1', '10.0.0.2'), '10.0.0.0/24'],
  ['nonsense before a trusted one', behind('10.0.0.1', '8.8.8.8, _hidden, 10.2.0.2'), '10.2.0.0/24'],
])('trusted proxies: %s', (_, network, expected) => expect(network).toBe(expected));

test('POSTERN_TRUSTED_PROXIES is a list of networks', () => {
  expect(readConfig({}).trustedProxies).toEqual([]);
  const value = '10.0.0.0/8,203.0.113.7/32,2001:db8::/32';
  expect(readConfig({ POSTERN_TRUSTED_PROXIES: value }).trustedProxies).toEqual(PROXIES);
  for (const wrong of ['10.0.0.0/33', 'proxy.example', 'loopback', '10.0.0.0/8;'])
    expect(() => readConfig({ POSTERN_TRUSTED_PROXIES: wrong })).toThrow(/POSTERN_TRUSTED_PROXIES must be/);
});
