import { expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';

test('thirteen and eighteen, where nothing is set; otherwise as set', () => {
  expect(readConfig({}).registry.ageRules).toEqual({ teenAge: 13, majorityAge: 18 });
  const set = readConfig({ POSTERN_TEEN_AGE: '12', POSTERN_MAJORITY_AGE: '19' });
  expect(set.registry.ageRules).toEqual({ teenAge: 12, majorityAge: 19 });
});

test.each([
  ['POSTERN_TEEN_AGE', '9', 'must be an age in years, 10 to 18'],
  ['POSTERN_TEEN_AGE', '19', 'must be an age in years, 10 to 18'],
  ['POSTERN_TEEN_AGE', '13.5', 'must be an age in years, 10 to 18'],
  ['POSTERN_MAJORITY_AGE', '15', 'must be an age in years, 16 to 21'],
  ['POSTERN_MAJORITY_AGE', 'eighteen', 'must be an age in years, 16 to 21'],
])('%s=%s is a fault', (name, value, sentence) => {
  expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
  expect(() => readConfig({ [name]: value })).toThrow(`${name} ${sentence}`);
});
