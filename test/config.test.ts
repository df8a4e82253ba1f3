import { describe, expect, test } from '@jest/globals';
import { ConfigError, isLoopback, readConfig } from '../src/config.ts';

const SECRET = 'x'.repeat(32);
const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).faults;
  }
};

test('nothing set: a demo on the embedded database, on this machine alone', () => {
  const config = readConfig({ PATH: '/bin', HOME: '/root' });
  expect(config).toMatchObject({
    issuer: 'http://localhost:3000',
    listen: 'localhost',
    database: { kind: 'embedded', directory: './data' },
    secret: undefined,
    demo: { fhirPort: 3001, appPort: 3002 },
    allowLoopbackFetch: false,
    brandsFile: undefined,
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test('an empty value is no value', () => {
  expect(readConfig({ POSTERN_PORT: '', DATABASE_URL: '' })).toEqual(readConfig({}));
});

test('production: no demo, every address, the issuer as it was given', () => {
  const environment = { DATABASE_URL: 'postgres://db/x', POSTERN_SECRET: SECRET };
  expect(readConfig({ ...environment, POSTERN_ISSUER: 'https://auth.example.org' })).toMatchObject({
    issuer: 'https://auth.example.org',
    listen: undefined,
    database: { kind: 'postgresql', url: 'postgres://db/x' },
    operatorName: 'auth.example.org',
    demo: undefined,
    logLevel: 'info',
  });
});

test.each([
  ['POSTERN_PORT', ['0', '65536', '-1', '1e3', ' 80', 'http']],
  ['POSTERN_DEMO_FHIR_PORT', ['0', 'x']],
  ['POSTERN_DEMO', ['yes', 'TRUE', '1']],
  ['POSTERN_SECRET', ['x'.repeat(31)]],
  ['POSTERN_LOG_LEVEL', ['verbose', 'INFO']],
  ['POSTERN_ACCESS_TOKEN_SECONDS', ['59', '3601', '1.5']],
  ['POSTERN_OPERATOR', ['x'.repeat(81)]],
  ['DATABASE_URL', ['mysql://db/x', 'db/x']],
  [
    'POSTERN_ISSUER',
    [
      ...['http://auth.example.org', 'https://auth.example.org/', 'https://auth.example.org/x', 'ftp://x'],
      ...['https://user@auth.example.org', 'https://AUTH.example.org', 'https://auth.example.org:443', 'x'],
      ...['https://auth.example.org?x', 'https://auth.example.org#x', 'http://localhost.example.org'],
    ],
  ],
])('%s refuses what it cannot mean, naming itself and not the value', (key, values) => {
  for (const value of values) {
    const faults = faultsOf({ POSTERN_SECRET: SECRET, [key]: value });
    expect({ value, faults }).toEqual({
      value,
      faults: [expect.stringMatching(new RegExp(`^${key} must `))],
    });
    if (value.length > 4) expect(faults.join()).not.toContain(value);
  }
});

test('every fault at once, unknown settings among them', () => {
  const faults = faultsOf({ POSTERN_PROT: '1', POSTERN_DEMO: 'x', DATABASE_URL: 'postgres://db/x' });
  expect([...faults].sort()).toEqual([
    'POSTERN_DEMO must be true or false',
    'POSTERN_PROT is not a setting of Postern',
    'POSTERN_SECRET is required with DATABASE_URL: every instance must have the same one',
  ]);
});

describe('loopback (W3C Secure Contexts §3.1)', () => {
  test.each(['localhost', '127.0.0.1', '127.9.8.7', '[::1]'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(faultsOf({ POSTERN_ISSUER: `http://${host}:3000` })).toEqual([]);
  });
  test.each(['localhost.example', '128.0.0.1', '127.0.0.1.example', '[::2]', '0.0.0.0'])(
    '%s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
