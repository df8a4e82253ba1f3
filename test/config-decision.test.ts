import { expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';

const decisionOf = (environment: Record<string, string>) => readConfig(environment).decision;

test('nothing set: unlabelled is normal, anywhere, at any hour, and nothing sensitive without a choice', () => {
  expect(decisionOf({})).toEqual({
    access: {
      ...{ unlabelled: 'normal', bulkHours: 'always', networks: [], sensitiveMaxAge: null },
      sensitivePurposes: [],
    },
    budget: { patients: 10_000, resources: 1_000_000 },
  });
});

test('what is set is read', () => {
  const read = decisionOf({
    POSTERN_UNLABELLED: 'restricted',
    POSTERN_NETWORKS: '10.0.0.0/8, 2001:db8::/32',
    POSTERN_BULK_HOURS: '22:00-05:00 America/New_York',
    POSTERN_SENSITIVE_MAX_AGE: '600',
    POSTERN_SENSITIVE_PURPOSES: 'TREAT,COC',
  });
  expect(read.access).toEqual({
    unlabelled: 'restricted',
    bulkHours: { from: '22:00', to: '05:00', timeZone: 'America/New_York' },
    networks: ['10.0.0.0/8', '2001:db8::/32'],
    sensitiveMaxAge: 600,
    sensitivePurposes: ['TREAT', 'COC'],
  });
});

test.each([
  ['POSTERN_UNLABELLED', ['open', 'NORMAL']],
  [
    'POSTERN_NETWORKS',
    [
      '10.0.0.0',
      '10.0.0.0/33',
      '999.1.1.1/8',
      '2001:db8::/129',
      '10.0.0.0/8/8',
      'localhost/8',
      '10.0.0.0/8,',
    ],
  ],
  ['POSTERN_BULK_HOURS', ['22:00-05:00', '22:00-24:00 UTC', '22:00-05:00 Nowhere/Land', 'never']],
  ['POSTERN_SENSITIVE_MAX_AGE', ['59', 'x']],
  ['POSTERN_SENSITIVE_PURPOSES', ['treat', 'TREAT COC', 'TREAT,']],
  ['POSTERN_PATIENTS_PER_HOUR', ['0', '-1']],
  ['POSTERN_RESOURCES_PER_HOUR', ['0', '1e9']],
])('%s that cannot be read is a fault: %j', (name, values) => {
  for (const value of values) expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
});
