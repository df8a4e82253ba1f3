import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml } from '../../src/web/templates.ts';

test('whatever is printed stays text: no markup, no quote, no mark that reorders', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"'\u202A-\u202E\u2066-\u2069\u200E\u200F]/);
    }),
  );
  expect(escapeHtml('\u202Eevil\u2066 <b>"&\'')).toBe('evil &lt;b&gt;&quot;&amp;&#39;');
});

test('ordinary names in any script are printed as they are', () => {
  for (const name of ['Ana María Núñez', 'Ōta', 'مريم', '陈', 'O\u2019Neil'])
    expect(escapeHtml(name)).toBe(name);
});

test('a value that is missing is an error, not the word "undefined"', () => {
  expect(() => escapeHtml(undefined)).toThrow('missing');
  expect(() => escapeHtml(null)).toThrow('missing');
});
