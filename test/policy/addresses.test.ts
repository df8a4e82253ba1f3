import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AddressUse, addressFault } from '../../src/policy/addresses.ts';

const production = { sandbox: false, native: false };
const sandbox = { sandbox: true, native: false };
const device = { sandbox: false, native: true };

describe('redirect URIs (RFC 9700 §2.1, RFC 8252)', () => {
  test.each([
    ['https', 'https://app.example/cb', production],
    ['https with a port and a query of its own', 'https://app.example:8443/cb?tenant=1', production],
    ['https without a path', 'https://app.example', production],
    ['an internationalized host in its ASCII form', 'https://xn--caf-dma.example/cb', production],
    ["the developer's own computer, in the sandbox", 'http://localhost:3000/cb', sandbox],
    ["the developer's own address, in the sandbox", 'http://127.0.0.1:3000/cb', sandbox],
    ['a loopback address on a device (§7.3)', 'http://127.0.0.1/cb', device],
    ['an IPv6 loopback address on a device (§7.3)', 'http://[::1]/cb', device],
    ['a scheme of a domain on a device (§7.1)', 'com.example.app:/cb', device],
    ['a claimed https address on a device (§7.2)', 'https://app.example/cb', device],
  ])('%s is taken', (_, uri, place) => {
    expect(addressFault(uri, 'redirect', place)).toBeUndefined();
  });

  test.each([
    ['http', 'http://app.example/cb', production, 'url_https_required'],
    ['a wildcard host', 'https://*.example/cb', production, 'url_wildcard'],
    ['a wildcard path', 'https://app.example/*', production, 'url_wildcard'],
    ['a fragment', 'https://app.example/cb#x', production, 'url_fragment'],
    ['an empty fragment', 'https://app.example/cb#', production, 'url_fragment'],
    ['javascript:', 'javascript:alert(1)', production, 'url_scheme'],
    ['data:', 'data:text/html,x', production, 'url_scheme'],
    ['javascript: on a device', 'javascript:alert(1)', device, 'url_not_a_domain_scheme'],
    ['a scheme of no domain on a device', 'myapp:/cb', device, 'url_not_a_domain_scheme'],
    ['a scheme of a device for a web app', 'com.example.app:/cb', production, 'url_scheme'],
    ['a user', 'https://user@app.example/cb', production, 'url_user_info'],
    ['a user that looks like a host', 'https://app.example:x@evil.example/cb', production, 'url_user_info'],
    ['an empty user', 'https://@app.example/cb', production, 'url_not_canonical'],
    ['an IPv4 address', 'https://203.0.113.9/cb', production, 'url_host'],
    ['an IPv4 address as one number', 'https://2130706433/cb', production, 'url_host'],
    ['an IPv6 address', 'https://[2001:db8::1]/cb', production, 'url_host'],
    ['localhost in production', 'http://localhost:3000/cb', production, 'url_https_required'],
    ['localhost with TLS in production', 'https://localhost/cb', production, 'url_host'],
    ['localhost on a device (§8.3)', 'http://localhost/cb', device, 'url_https_required'],
    [
      'localhost on a device in the sandbox',
      'http://localhost/cb',
      { sandbox: true, native: true },
      'url_https_required',
    ],
    ['a host of one label', 'https://intranet/cb', production, 'url_host'],
    ['a host of one network', 'https://app.internal/cb', production, 'url_host'],
    ['a host that ends with a dot', 'https://app.example./cb', production, 'url_host'],
    ['another loopback address in the sandbox', 'http://127.0.0.2/cb', sandbox, 'url_https_required'],
    ['capitals in the host', 'https://App.example/cb', production, 'url_not_canonical'],
    ['the default port', 'https://app.example:443/cb', production, 'url_not_canonical'],
    ['a path that goes up', 'https://app.example/a/../cb', production, 'url_not_canonical'],
    ['a path that goes up in disguise', 'https://app.example/a/%2e%2e/cb', production, 'url_not_canonical'],
    ['a backslash', 'https:\\\\app.example\\cb', production, 'url_unreadable'],
    ['a space', 'https://app.example/c b', production, 'url_unreadable'],
    ['a line break', 'https://app.example/\ncb', production, 'url_unreadable'],
    ['a host that is not ASCII', 'https://аpp.example/cb', production, 'url_unreadable'],
    ['nothing', '', production, 'url_unreadable'],
    ['a path alone', '/cb', production, 'url_unreadable'],
    ['a code of its own', 'https://app.example/cb?code=1', production, 'url_query'],
    ['a state of its own', 'https://app.example/cb?a=1&state=1', production, 'url_query'],
    ['more than 2,000 characters', `https://app.example/${'a'.repeat(2_000)}`, production, 'too_long'],
  ])('%s is a fault', (_, uri, place, fault) => {
    expect(addressFault(uri, 'redirect', place)).toBe(fault);
  });

  test('what is taken is what a browser would ask for, letter by letter', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string()),
        (text) => {
          if (addressFault(text, 'redirect', production) !== undefined) return;
          const { href, hash, protocol } = new URL(text);
          expect([[text, `${text}/`].includes(href), hash, protocol]).toEqual([true, '', 'https:']);
        },
      ),
    );
  });
});

describe('other addresses', () => {
  test.each<[string, string, AddressUse, string | undefined]>([
    ['a page may have a fragment', 'https://app.example/privacy#us', 'page', undefined],
    ['a page is no script', 'javascript:alert(1)', 'page', 'url_scheme'],
    ['a launch address is on the web', 'com.example.app:/launch', 'launch', 'url_scheme'],
    ['an origin is scheme and host', 'https://app.example', 'origin', undefined],
    ['an origin has no path', 'https://app.example/', 'origin', 'url_not_an_origin'],
    ['an origin has no query', 'https://app.example?x', 'origin', 'url_not_an_origin'],
    ['keys are fetched with TLS', 'http://keys.example/jwks', 'fetched', 'url_https_required'],
    ['keys are fetched from a public name', 'https://169.254.169.254/jwks', 'fetched', 'url_host'],
    ['keys are not fetched from localhost', 'https://localhost/jwks', 'fetched', 'url_host'],
    ['a mapped address is an address', 'https://[::ffff:127.0.0.1]/jwks', 'fetched', 'url_host'],
  ])('%s', (_, address, use, fault) => {
    for (const native of [false, true]) {
      expect(addressFault(address, use, { sandbox: false, native })).toBe(fault);
    }
  });

  test("in the sandbox keys may be on the developer's own computer: the safe fetch judges what it connects to", () => {
    expect(addressFault('http://localhost:9000/jwks', 'fetched', sandbox)).toBeUndefined();
  });
});
