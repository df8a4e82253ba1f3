import { expect, test } from '@jest/globals';
import { identityOf } from '../../src/trust/identity.ts';
import type { ProviderSettings } from '../../src/trust/provider-settings.ts';

const names = { givenName: 'given_name', familyName: 'family_name', birthDate: 'birthdate' };
const settings = (changes: object = {}) =>
  ({
    claims: { ...names, postalCode: 'zip', phone: 'phone_number', email: 'email' },
    ...{ level: { claim: 'acr', IAL1: [], IAL2: ['high'] }, verifies: [], ...changes },
  }) as unknown as ProviderSettings;
const id = { iss: 'https://id.example', sub: 'a' };
const told = (claims: object, changes?: object) => {
  const { phone, email } = identityOf(settings(changes), { ...id, ...claims }, {}).person;
  return [phone, email];
};

const both = { phone_number: '503 555 0147', email: 'ana@example.org' };
const said = (flag: unknown) => ({ ...both, phone_number_verified: flag, email_verified: flag });

test.each<[string, object]>([
  ['nothing', both],
  ['false', said(false)],
  ['the text "false"', said('false')],
  ['the text "true"', said('true')],
  ['a number', said(1)],
  ['null', said(null)],
])(
  'OpenID Connect Core §5.1: telephone and mail address of which the provider says %s count for nothing',
  (_, claims) => {
    expect(told(claims)).toEqual([undefined, undefined]);
  },
);

test('what it says that it verified counts, each by itself', () => {
  expect(told(said(true))).toEqual([both.phone_number, both.email]);
  expect(told({ ...both, email_verified: true })).toEqual([undefined, both.email]);
});

test('what it verifies always, by its settings, counts unless its answer says otherwise', () => {
  expect(told(both, { verifies: ['email'] })).toEqual([undefined, both.email]);
  expect(told(said(false), { verifies: ['email', 'phone'] })).toEqual([undefined, undefined]);
  expect(told(said('false'), { verifies: ['email', 'phone'] })).toEqual([undefined, undefined]);
});

test('of a claim inside another, the word about it stands beside it', () => {
  const claims = { ...names, postalCode: 'zip', phone: 'phone_number', email: ['contact', 'email'] };
  const contact = { email: both.email };
  expect(told({ contact }, { claims })).toEqual([undefined, undefined]);
  expect(told({ contact: { ...contact, email_verified: true } }, { claims })).toEqual([
    undefined,
    both.email,
  ]);
});
