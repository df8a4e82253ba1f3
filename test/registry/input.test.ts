import { expect, test } from '@jest/globals';
import { email, instant, line, prose, publicName, readInput } from '../../src/registry/input.ts';
import { refusedWith } from '../setup/registry-deps.ts';

const read = async (schema: Parameters<typeof readInput>[0], input: unknown) => readInput(schema, input);

test.each([
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['2027-01-31T10:00Z', '2027-01-31T10:00:00.000Z'],
  ['2027-01-31T10:00:05.5-05:00', '2027-01-31T15:00:05.500Z'],
])('%s is the instant %s', async (text, expected) => {
  expect(await read(instant, text)).toEqual(new Date(expected));
});

test.each([
  ...[
    '2027-02-29',
    '2027-02-30',
    '2027-13-01',
    '2027-1-1',
    '31.01.2027',
    '',
    ' 2027-01-31',
    'now',
    '1999-12-31',
  ],
  ...['2027-01-31T25:00Z', '2027-01-31T10:00', '9999-01-01', '2027-02-30T10:00Z'],
])('%p is no instant', async (text) => {
  expect(await refusedWith(read(instant, text))).toEqual(['input_invalid', ' not_a_date']);
});

test.each(['ines@bluebird.example', "o'neil+x@a-b.example", 'A.B@SUB.EXAMPLE'])(
  '%s is a mail address',
  async (text) => {
    expect(await read(email, text)).toBe(text);
  },
);

test.each([
  ...[
    'ines',
    '@x.example',
    'a@b',
    'a b@x.example',
    'a@x.example, b@x.example',
    '<a@x.example>',
    'a@x..example',
  ],
  ...['a@[127.0.0.1]', `${'a'.repeat(65)}@x.example`, 'ínes@x.example'],
])('%p is none that a notice can be sent to', async (text) => {
  expect(await refusedWith(read(email, text))).toEqual(['input_invalid', ' email_unreadable']);
});

test.each(['a\u0000b', 'a\u202eb', 'a\u200bb', 'a\u0007b', 'a\ud800b'])(
  '%j shows not what it holds, and is refused as a line and as prose',
  async (text) => {
    for (const schema of [line(80), prose(80), publicName(80)])
      expect((await refusedWith(read(schema, text)))[1]).toBe(' text_unprintable');
  },
);

test('prose has lines, a line has one, and a name has one spelling', async () => {
  expect(await read(prose(80), ' One.\r\n\tTwo. ')).toBe('One.\r\n\tTwo.');
  expect(await refusedWith(read(line(80), 'One.\nTwo.'))).toEqual(['input_invalid', ' text_unprintable']);
  expect(await read(publicName(80), ' Ｂluebird   Health ')).toBe('Bluebird Health');
});
