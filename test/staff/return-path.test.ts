import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { homeOf } from '../../src/staff/area.ts';
import { returnPath } from '../../src/staff/return-path.ts';

test.each([
  '/developer',
  '/developer/apps/x/keys?after=a%2Fb&lang=es',
  '/admin',
  '/admin/reviews/4?done=decided',
])('a page of the portal or the console is where a person comes back to: %s', (path) => {
  expect(returnPath(path)).toBe(path);
});

test.each<unknown>([
  ...[undefined, null, '', '/', '/my', '/staff/sign-out', '/developers', '/administration'],
  ...['//evil.example/developer', 'https://evil.example/developer', '\\\\evil.example/admin'],
  ...[
    '/\\evil.example/developer',
    'javascript:alert(1)//developer',
    '/developer/../my',
    '/developer/%2e%2e/my',
  ],
  ...[['/developer', '/developer'], { path: '/developer' }, `/developer?${'x'.repeat(2_000)}`, 'http://['],
])('nothing else is (CWE-601): %j', (asked) => {
  expect(returnPath(asked)).toBe('/staff');
});

test('whatever is asked for, the way back is a path of this site (CWE-601)', () => {
  const pieces = fc.constantFrom(
    '/',
    '\\',
    '//',
    '..',
    '@',
    ':',
    '?',
    '#',
    'developer',
    'admin',
    'x.example',
    '%2f',
    '\t',
    ' ',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.array(pieces).map((parts) => parts.join('')),
      ),
      (asked) => {
        for (const path of [returnPath(asked), returnPath(`/developer/${asked}`), returnPath(`/${asked}`)]) {
          const { origin, pathname } = new URL(path, 'https://postern.example');
          expect(origin).toBe('https://postern.example');
          expect(pathname).toMatch(/^\/(staff$|developer(\/|$)|admin(\/|$))/);
        }
      },
    ),
  );
});

test('a person begins where her roles are: the portal first, the console else, a page that says so without a role', () => {
  expect(homeOf({ roles: ['developer', 'operator'] })).toBe('/developer');
  expect(homeOf({ roles: ['owner'] })).toBe('/developer');
  for (const role of ['operator', 'reviewer', 'security_officer'] as const)
    expect(homeOf({ roles: [role] })).toBe('/admin');
  expect(homeOf({ roles: [] })).toBe('/staff');
});
