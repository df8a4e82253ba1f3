import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { FAULT_CODES } from '../../src/policy/faults.ts';

const catalogue = (locale: string): Record<string, string> =>
  Object.assign(
    {},
    ...readdirSync(`views/messages/${locale}`).map((file) =>
      JSON.parse(readFileSync(`views/messages/${locale}/${file}`, 'utf8')),
    ),
  );

test.each(['en', 'es'])(
  'every fault has its words (%s), and no words are of a fault that is gone',
  (locale) => {
    const named = Object.keys(catalogue(locale)).filter((key) => key.startsWith('fault.'));
    expect(named.sort()).toEqual(FAULT_CODES.map((code) => `fault.${code}`).sort());
  },
);

test('a fault is listed once', () => {
  expect(new Set(FAULT_CODES).size).toBe(FAULT_CODES.length);
});
