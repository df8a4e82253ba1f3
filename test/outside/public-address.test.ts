import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLoopbackAddress, isPublicAddress } from '../../src/outside/public-address.ts';

test.each([
  ['this network (RFC 791)', '0.0.0.0', '0.1.2.3'],
  ['private (RFC 1918)', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ['shared by carriers (RFC 6598)', '100.64.0.1', '100.127.255.255'],
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['link-local, cloud metadata too (RFC 3927)', '169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
  ['protocol assignments (RFC 6890)', '192.0.0.8', '2001::1', '2001:1ff::1'],
  [
    'documentation (RFC 5737, 3849, 9637)',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '2001:db8::1',
    '3fff::1',
  ],
  ['6to4 (RFC 3056, 7526)', '192.88.99.1', '2002:7f00:1::'],
  ['benchmarking (RFC 2544, 5180)', '198.18.0.1', '198.19.255.255', '2001:2::1'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  ['reserved and broadcast', '240.0.0.1', '255.255.255.255'],
  ['IPv4 in IPv6 (RFC 4291)', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '::ffff:0:7f00:1'],
  ['NAT64 (RFC 6052, 8215)', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1'],
  ['Teredo (RFC 4380)', '2001:0:4136:e378::1'],
  ['unique local and site-local', 'fc00::1', 'fd12:3456::1', 'fec0::1'],
  ['discarded (RFC 6666)', '100::1'],
  ['unassigned', '4000::1', '8000::1', '::', '5f00::1'],
  ['no address', '', 'localhost', '2130706433', '127.1', '0x7f.0.0.1', '1.2.3.4.5', '10.0.0.256'],
])('%s is not public', (_block, ...addresses) => {
  expect(addresses.filter(isPublicAddress)).toEqual([]);
});

test('what is given out to hosts of the Internet is public', () => {
  const given = ['8.8.8.8', '1.1.1.1', '193.0.6.139', '2606:4700::1111', '2a00:1450:4001:800::200e'];
  expect(given.filter((address) => !isPublicAddress(address))).toEqual([]);
  expect(isPublicAddress('::ffff:8.8.8.8')).toBe(true);
});

test('no address is public in one spelling and special in another', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte, byte), ([a, b, c, d]) => {
      const plain = isPublicAddress(`${a}.${b}.${c}.${d}`);
      const hex = ((a << 8) | b).toString(16);
      const low = ((c << 8) | d).toString(16);
      return (
        isPublicAddress(`::ffff:${a}.${b}.${c}.${d}`) === plain &&
        isPublicAddress(`0:0:0:0:0:FFFF:${hex}:${low}`) === plain &&
        !isPublicAddress(`64:ff9b::${hex}:${low}`) &&
        !isPublicAddress(`2002:${hex}:${low}::1`)
      );
    }),
  );
});

test('loopback is known in every spelling of an address, and by no name', () => {
  expect(
    ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'].every(isLoopbackAddress),
  ).toBe(true);
  expect(['localhost', '126.0.0.1', '::', '10.0.0.1'].some(isLoopbackAddress)).toBe(false);
});
