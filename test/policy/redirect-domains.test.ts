import { expect, test } from '@jest/globals';
import { redirectDomains } from '../../src/policy/redirect-domains.ts';

const domains = (...uris: string[]) => redirectDomains(uris).map(({ domain }) => domain);

test('the domain of a web address is its host, with a port that is not the usual one, once', () => {
  expect(
    domains(
      'https://app.example/a',
      'https://app.example:443/b',
      'https://app.example:8443/',
      'http://localhost:3002/',
    ),
  ).toEqual(['app.example', 'app.example:8443', 'localhost:3002']);
});

test('what stays on the device is nobody’s (RFC 8252 §7.3)', () => {
  expect(domains('http://127.0.0.1/callback', 'http://[::1]:7000/callback')).toEqual([]);
});

test('a private-use scheme is under the control of a domain that it begins with (RFC 8252 §7.1)', () => {
  expect(redirectDomains(['com.example.app:/callback', 'com.example.app:/other'])).toEqual([
    { domain: 'app.example.com', shownBy: ['app.example.com', 'example.com'] },
  ]);
  expect(redirectDomains(['https://a.b.example/'])).toEqual([
    { domain: 'a.b.example', shownBy: ['a.b.example'] },
  ]);
});

test('what is no address is passed over', () => {
  expect(domains('not a url', '')).toEqual([]);
});
