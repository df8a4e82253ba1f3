import { expect, test } from '@jest/globals';
import { clientNetwork } from '../../src/web/client-network.ts';

const from = (remoteAddress: string | undefined, ...forwarded: readonly string[]) =>
  clientNetwork({
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

const HERE = '080808';

test.each([
  ['a client', from('8.8.8.8'), `${HERE}/24`],
  ['its neighbour', from('8.8.8.200'), `${HERE}/24`],
  ['one that claims to be elsewhere', from('8.8.8.8', '1.2.3.4'), `${HERE}/24`],
  ['behind a proxy', from('127.0.0.1', '8.8.8.8'), `${HERE}/24`],
  ['behind a proxy, with claims before its word', from('10.0.0.1', '1.2.3.4, 8.8.8.8'), `${HERE}/24`],
  ['the same as two headers', from('10.0.0.1', '1.2.3.4', '8.8.8.8'), `${HERE}/24`],
  ['IPv4 in IPv6', from('::ffff:8.8.8.8'), `${HERE}/24`],
  ['a proxy that says nothing', from('127.0.0.1'), '7f0000/24'],
  ['a proxy that says nonsense', from('127.0.0.1', 'unknown'), '7f0000/24'],
  ['IPv6', from('2600:1:2:3::1'), '26000001000200/56'],
  ['another address of that household', from('2600:1:2:ff::2'), '26000001000200/56'],
  ['another household', from('2600:1:2:100::1'), '26000001000201/56'],
  ['a peer that is gone', from(undefined), 'unknown'],
])('%s', (_, network, expected) => expect(network).toBe(expected));
