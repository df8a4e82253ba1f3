import { expect, test } from '@jest/globals';
import { browserIn } from '../../src/passkeys/browsers.ts';
import { providerOf } from '../../src/passkeys/providers.ts';
import { ownPath, verifyUrl } from '../../src/patient/own-path.ts';
import { type PasskeyFacts, removalView, securityView } from '../../src/patient/security-view.ts';
import { createMessages } from '../../src/web/messages.ts';

const messages = createMessages('views');
const t = messages.translator('en');

const passkey: PasskeyFacts = {
  ...{ id: 'AAAA', name: null, aaguid: '00000000-0000-0000-0000-000000000000', backedUp: true },
  createdAt: new Date('2026-03-03T10:00:00Z'),
  ...{ lastUsedAt: new Date('2026-11-20T10:00:00Z'), lastUsedWith: 'Chrome/Windows' },
};
const row = (changes: Partial<PasskeyFacts>, locale: 'en' | 'es' = 'en') =>
  securityView(
    { passkeys: [{ ...passkey, ...changes }], shown: 'AAAA', done: undefined },
    messages.translator(locale),
    locale,
  ).passkeys[0];

test.each([
  [{}, 'A passkey', 'We do not know where it is kept'],
  [{ aaguid: 'EA9B8D66-4D01-1D21-3CE4-B6B48CB575D4' }, 'Google Password Manager', 'Google Password Manager'],
  [{ aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd', name: 'My phone' }, 'My phone', 'Apple Passwords'],
])('a passkey %j is called %s and is kept in %s', (changes, name, provider) => {
  expect(row(changes)).toMatchObject({ name, provider, mark: name[0] });
});

test.each([
  ['Chrome/Windows', 'November 20, 2026, with Chrome on Windows'],
  ['Safari/', 'November 20, 2026, with Safari'],
  ['/Android', 'November 20, 2026, with a browser on Android'],
  [null, 'November 20, 2026'],
])('used with %j it says: %s', (lastUsedWith, words) => {
  expect(row({ lastUsedWith })?.lastUsed).toBe(words);
});

test('one that was never used, or stays on its device, says so, in Spanish too', () => {
  expect(row({ lastUsedAt: null, id: 'BBBB' })).toMatchObject({ lastUsed: 'Not yet', isShown: false });
  expect(row({ lastUsedAt: null, backedUp: false })).toMatchObject({
    lastUsed: 'March 3, 2026, with Chrome on Windows',
    copies: 'On this one device only',
    created: 'March 3, 2026',
    isShown: true,
  });
  expect(row({ lastUsedWith: 'Chrome/Windows' }, 'es')?.lastUsed).toBe(
    '20 de noviembre de 2026, con Chrome en Windows',
  );
});

test('only what was done is told', () => {
  const done = (value: unknown) =>
    securityView({ passkeys: [], shown: undefined, done: value }, t, 'en').done;
  expect([done('added'), done('removed'), done('<b>'), done(['added', 'x']), done(undefined)]).toEqual([
    'Your new passkey is ready. You can sign in with it.',
    'The passkey is gone. No one can sign in with it now.',
    ...[null, null, null],
  ]);
});

test('before a removal it is said whether this session ends with it', () => {
  const points = (isShown: boolean) => removalView({ passkey, isLast: false, isShown }, t).points;
  expect(points(true)).toHaveLength(points(false).length + 1);
  expect(removalView({ passkey, isLast: true, isShown: true }, t).heading).toBe(
    'You cannot remove your last passkey',
  );
});

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';
test.each([
  [`${windows} Chrome/141.0.0.0 Safari/537.36`, 'Chrome/Windows'],
  [`${windows} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`, 'Edge/Windows'],
  ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0', 'Firefox/Mac'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
    'Safari/iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
    'Samsung Internet/Android',
  ],
  [
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    'Chrome/ChromeOS',
  ],
  ['curl/8.5.0', null],
  ['', null],
  ['<script>alert(1)</script>', null],
])('%s is called %j', (userAgent, words) => {
  expect(browserIn(userAgent)).toBe(words);
});

test('nobody can be called by the names of what an object has by itself', () => {
  expect([providerOf('constructor'), providerOf('__proto__')]).toEqual([undefined, undefined]);
});

test('from an address without end one comes to My apps', () => {
  expect(ownPath(`/my?${'x'.repeat(2_000)}`)).toBe('/my');
});

test.each([
  ['/my', '/my'],
  ['/my/apps/x?lang=es', '/my/apps/x?lang=es'],
  ['/my/security#x', '/my/security'],
  ['/my/../developer', '/my'],
  ['/my/verify', '/my'],
  ['/myself', '/my'],
  ['//evil.example/my', '/my'],
  ['https://nowhere.invalid.evil.example/my', '/my'],
  [['/my/a', '/my/b'], '/my'],
  [undefined, '/my'],
])('from %j one comes to %s', (asked, path) => {
  expect(ownPath(asked)).toBe(path);
  expect(verifyUrl(asked)).toBe(`/my/verify?${new URLSearchParams({ next: path })}`);
});
