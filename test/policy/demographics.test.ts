import { describe, expect, test } from '@jest/globals';
import { type Demographics, demographicsOf, onlyMatch } from '../../src/policy/demographics.ts';

const ana = { givenName: 'Ana', familyName: 'Rivera', birthDate: '1984-03-12' };
const of = (person: object) => demographicsOf({ ...ana, ...person });

describe('two ways of writing one thing', () => {
  test.each([
    ['marks and case', { givenName: 'ÁNA' }, { givenName: 'ana' }],
    ['hyphens, spaces, apostrophes', { familyName: "O'Brien-Núñez" }, { familyName: 'OBrien Nunez' }],
    ['composed and decomposed letters', { familyName: 'Nu\u0301n\u0303ez' }, { familyName: 'Núñez' }],
    ['full-width letters', { givenName: 'Ａｎａ' }, { givenName: 'Ana' }],
    ['other scripts', { familyName: 'Иванова ' }, { familyName: 'иванова' }],
    ['ZIP+4', { postalCode: '97214-1234' }, { postalCode: '97214' }],
    ['postal codes with spaces', { postalCode: 'k1a 0b1' }, { postalCode: 'K1A0B1' }],
    ['telephone with its country code', { phone: '+1 (503) 555-0147' }, { phone: '503.555.0147' }],
    ['mail', { email: ' Ana@Example.ORG' }, { email: 'ana@example.org' }],
  ])('%s', (_what, one, other) => {
    expect(of(one)).toEqual(of(other));
  });

  test.each([
    ['another name', { givenName: 'Anna' }],
    ['another country code', { phone: '+44 503 555 0147' }],
    ['a five-digit code and a longer one', { postalCode: '972141' }],
  ])('not %s', (_what, other) => {
    expect(of({ phone: '503 555 0147', postalCode: '97214', ...other })).not.toEqual(
      of({ phone: '503 555 0147', postalCode: '97214' }),
    );
  });

  test.each([
    ['no given name', { givenName: ' - ' }],
    ['no family name', { familyName: '' }],
    ['no day that there was', { birthDate: '1983-02-29' }],
    ['a day in another form', { birthDate: '03/12/1984' }],
    ['a year alone (OpenID Connect Core §5.1, birthdate)', { birthDate: '1984' }],
  ])('%s: nobody', (_what, person) => {
    expect(of(person)).toBeUndefined();
  });

  test('what is too short to tell anybody apart is nothing', () => {
    expect(of({ postalCode: '1', phone: '911', email: 'a' })).toMatchObject({
      postalCode: null,
      phone: null,
      email: null,
    });
  });
});

describe('exactly one record', () => {
  const known = (person: object) => of(person) as Demographics;
  const proved = known({ postalCode: '97214', phone: '503 555 0147' });
  const hers = known({ postalCode: '97214' });

  test.each<[string, readonly Demographics[], boolean]>([
    ['name, birth date and one thing more agree', [hers], true],
    [
      'another thing differs, and one agrees: people move',
      [known({ postalCode: '10001', phone: '503 555 0147' })],
      true,
    ],
    ['name and birth date alone', [known({})], false],
    ['what both have differs', [known({ postalCode: '10001' })], false],
    ['another birth date', [known({ birthDate: '1984-03-13', postalCode: '97214' })], false],
    ['another given name', [known({ givenName: 'Eva', postalCode: '97214' })], false],
    ['no record', [], false],
    ['two that agree', [hers, known({ phone: '503 555 0147' })], false],
    ['one that agrees, and one of which it cannot be told', [hers, known({})], false],
    ['one that agrees, and one that is of somebody else', [hers, known({ postalCode: '10001' })], true],
  ])('%s', (_what, records, is) => {
    expect(onlyMatch(proved, records)).toBe(is ? records[0] : undefined);
    expect(onlyMatch(proved, [...records].reverse())).toBe(is ? records[0] : undefined);
  });
});
