import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  approvalCode,
  CODE_BYTES,
  readApprovalCode,
  readRecoveryCode,
  recoveryCode,
} from '../../src/policy/recovery-codes.ts';
import { spokenSymbols, typedSymbols, withCheck } from '../../src/policy/spoken-code.ts';
import { keptUntil, underWatch, watchEndsAt } from '../../src/policy/watch.ts';

const random = fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES });
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

test('a code is five groups of four, without letters that are taken for others', () => {
  fc.assert(
    fc.property(random, (bytes) => {
      expect(recoveryCode(bytes)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(approvalCode(bytes)).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    }),
  );
});

test('at least 64 bits of it are a secret: each of them makes another code', () => {
  const base = new Uint8Array(CODE_BYTES).fill(0xa5);
  const secrets = new Set<string>();
  for (let bit = 0; bit < CODE_BYTES * 8; bit += 1) {
    const bytes = Uint8Array.from(base);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (7 - (bit & 7)));
    secrets.add(readRecoveryCode(recoveryCode(bytes))?.secret ?? 'unreadable');
  }
  const unchanged = readRecoveryCode(recoveryCode(base))?.secret as string;
  secrets.delete(unchanged);
  expect(secrets.size).toBe(65);
});

test('it is read as it was meant: small letters, spaces, any dash, O for 0, I and L for 1', () => {
  fc.assert(
    fc.property(random, (bytes) => {
      const code = recoveryCode(bytes);
      const read = readRecoveryCode(code);
      expect(read).toBeDefined();
      const typed = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l');
      expect(readRecoveryCode(` ${typed} `)).toEqual(read);
      expect(readRecoveryCode(code.replaceAll('-', '–').replaceAll('1', 'I'))).toEqual(read);
      expect(readApprovalCode(approvalCode(bytes).toLowerCase())).toBeDefined();
    }),
  );
});

test('one wrong character and two that changed places are found', () => {
  fc.assert(
    fc.property(random, fc.nat(19), fc.nat(31), fc.nat(19), (bytes, place, other, second) => {
      const symbols = typedSymbols(recoveryCode(bytes));
      const wrong = symbols.slice(0, place) + ALPHABET[other] + symbols.slice(place + 1);
      if (wrong !== symbols) expect(readRecoveryCode(wrong)).toBeUndefined();
      const swapped = [...symbols];
      [swapped[place], swapped[second]] = [symbols[second] as string, symbols[place] as string];
      if (swapped.join('') !== symbols) expect(readRecoveryCode(swapped.join(''))).toBeUndefined();
    }),
  );
});

test.each(['', '-', 'U', 'UUUU-UUUU-UUUU-UUUU-UUUU', '0000', 'é'.repeat(20), '0'.repeat(5_000)])(
  '%j is no code',
  (typed) => {
    expect(readRecoveryCode(typed)).toBeUndefined();
    expect(readApprovalCode(typed)).toBeUndefined();
  },
);

test('what is typed of one kind is not a code of the other', () => {
  const bytes = new Uint8Array(CODE_BYTES).fill(7);
  expect(readApprovalCode(recoveryCode(bytes))).toBeUndefined();
  expect(readRecoveryCode(approvalCode(bytes))).toBeUndefined();
  expect(withCheck(spokenSymbols(bytes))).toHaveLength(20);
});

const RECOVERED = new Date('2026-11-22T10:00:00Z');

test.each([
  ['nobody came back', null, '2026-11-22T10:00:00Z', false],
  ['at once', RECOVERED, '2026-11-22T10:00:00Z', true],
  ['a moment before a day is over', RECOVERED, '2026-11-23T09:59:59.999Z', true],
  ['after a day', RECOVERED, '2026-11-23T10:00:00Z', false],
])('under watch: %s', (_, recoveredAt, now, expected) => {
  expect(underWatch({ recoveredAt }, new Date(now))).toBe(expected);
  expect(watchEndsAt({ recoveredAt })?.toISOString()).toBe(
    recoveredAt === null ? undefined : '2026-11-23T10:00:00.000Z',
  );
});

test.each([
  ['nobody came back', null, '2026-11-21T10:00:00Z', '2026-11-22T11:00:00Z', false],
  ['made before, while the watch lasts', RECOVERED, '2026-11-22T09:59:59.999Z', '2026-11-22T11:00:00Z', true],
  ['made with the recovery', RECOVERED, '2026-11-22T10:00:00Z', '2026-11-22T11:00:00Z', false],
  ['made after it', RECOVERED, '2026-11-22T10:30:00Z', '2026-11-22T11:00:00Z', false],
  ['made before, after the watch', RECOVERED, '2026-11-22T09:00:00Z', '2026-11-23T10:00:00Z', false],
])('kept by the watch: %s', (_, recoveredAt, createdAt, now, expected) => {
  const end = expected ? '2026-11-23T10:00:00.000Z' : undefined;
  expect(keptUntil({ recoveredAt }, new Date(createdAt), new Date(now))?.toISOString()).toBe(end);
});
