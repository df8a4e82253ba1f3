import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';
import { isLoopback } from '../src/config-addresses.ts';

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
    secure: false,
    listen: 'localhost',
    database: { kind: 'embedded', directory: './data' },
    secret: undefined,
    demo: { fhirPort: 3001, appPort: 3002, identityPort: 3003, data: true },
    allowLoopbackFetch: false,
    brandsFile: undefined,
    mail: { smtpUrl: undefined, from: 'no-reply@localhost' },
    registry: {
      ...{ operatorCountry: 'US', secretDays: 90, keyDays: 365, overlapDays: 7, attestationDays: 365 },
      ageRules: { teenAge: 13, majorityAge: 18 },
      registrationEnabled: false,
    },
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
    secure: true,
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
  ['POSTERN_MAIL_FROM', ['nobody', 'a@b c', 'A <a@b.example>', 'a@b.example,c@d.example', 'a@b@c']],
  ['POSTERN_COUNTRY', ['us', 'USA', 'U1']],
  ['POSTERN_SECRET_DAYS', ['0', '91', '-1', '1.5']],
  ['POSTERN_KEY_DAYS', ['0', '366']],
  ['POSTERN_KEY_OVERLAP_DAYS', ['0', '31']],
  ['POSTERN_ATTESTATION_DAYS', ['29', '731']],
  ['POSTERN_REGISTRATION', ['yes', '1']],
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

describe('the mail server', () => {
  const from = { POSTERN_MAIL_FROM: 'postern@network.example' };

  test.each([
    'smtps://mail.example',
    'smtps://postern:pass%20word%40@mail.example:465',
    'smtp://mail.example:587/',
    'smtp://[::1]:2525',
  ])('%s is one', (url) => {
    expect(readConfig({ POSTERN_SMTP_URL: url, ...from }).mail).toEqual({
      smtpUrl: url,
      from: 'postern@network.example',
    });
  });

  test.each([
    ['of another scheme', 'https://mail.example'],
    ['of nobody', 'smtp://'],
    ['of no URL', 'mail.example:25'],
    ['with options of the library', 'smtp://mail.example?tls.rejectUnauthorized=false'],
    ['with a path', 'smtp://mail.example/pool'],
    ['with a fragment', 'smtp://mail.example#x'],
    ['with half of a login', 'smtps://postern@mail.example'],
    ['with a login in a broken encoding', 'smtps://postern:100%25%@mail.example'],
    ['with a login that is no UTF-8', 'smtps://postern:%ff@mail.example'],
  ])('an address %s is refused and not repeated', (_what, url) => {
    expect(faultsOf({ POSTERN_SMTP_URL: url, ...from })).toEqual([
      'POSTERN_SMTP_URL must be smtps://user:password@host or smtp://...',
    ]);
  });

  test('it is not used in the name of an address that nobody chose', () => {
    expect(faultsOf({ POSTERN_SMTP_URL: 'smtps://mail.example' })).toEqual([
      'POSTERN_MAIL_FROM is required with POSTERN_SMTP_URL: the address that mails come from',
    ]);
  });
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

describe('metrics and traces', () => {
  const observabilityOf = (environment: Record<string, string>) => readConfig(environment).observability;
  test('are off where nothing is said', () => {
    expect(observabilityOf({})).toEqual({ metrics: undefined, traces: undefined });
    expect(observabilityOf({ POSTERN_METRICS_LISTEN: '0.0.0.0', POSTERN_OTLP_PERCENT: '5' })).toEqual({
      ...{ metrics: undefined, traces: undefined },
    });
  });
  test('metrics are on loopback unless another address is named', () => {
    expect(observabilityOf({ POSTERN_METRICS_PORT: '9464' }).metrics).toEqual({
      ...{ port: 9464, listen: '127.0.0.1' },
    });
    const listen = { POSTERN_METRICS_PORT: '9464', POSTERN_METRICS_LISTEN: '10.0.0.7' };
    expect(observabilityOf(listen).metrics?.listen).toBe('10.0.0.7');
  });
  test('traces go to a collector, all of them or a share', () => {
    expect(observabilityOf({ POSTERN_OTLP_URL: 'https://collector.example:4318' }).traces).toEqual({
      ...{ collectorUrl: 'https://collector.example:4318', percent: 100 },
    });
  });
  test.each([
    ['POSTERN_METRICS_PORT', '0'],
    ['POSTERN_METRICS_PORT', 'metrics'],
    ['POSTERN_OTLP_URL', 'collector.example:4318'],
    ['POSTERN_OTLP_URL', 'grpc://collector.example:4317'],
    ['POSTERN_OTLP_URL', 'https://user:key@collector.example'],
    ['POSTERN_OTLP_URL', 'https://collector.example/?key=1'],
    ['POSTERN_OTLP_PERCENT', '0'],
    ['POSTERN_OTLP_PERCENT', '101'],
  ])('%s=%s is a fault', (name, value) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name} must be `))]);
  });
});
