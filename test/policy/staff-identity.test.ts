import { expect, test } from '@jest/globals';
import {
  domainOfAddress,
  type StaffIdentityFacts,
  staffIdentityFault,
} from '../../src/policy/staff-identity.ts';

const now = new Date('2026-11-22T12:00:00Z');
const person = {
  ...{ organizationId: 'a', leftAt: null, organizationSuspendedAt: null, organizationOffboardedAt: null },
  roles: ['developer'] as const,
};
const provider = {
  organizationId: 'a',
  domains: ['a.example'],
  acr: null,
  amr: null,
  coversOversight: false,
};
const first: StaffIdentityFacts = {
  ...{ provider, acr: undefined, amr: [], email: 'Dana@A.example', bound: null, named: person },
  ...{ namedIsBound: false, now },
};
const again = { ...first, email: undefined, bound: person, named: null };

test('the first time by a verified address of a known person, then by the subject', () => {
  expect([staffIdentityFault(first), staffIdentityFault(again)]).toEqual([undefined, undefined]);
  expect(domainOfAddress('"@"@A.example')).toBe('a.example');
});

test.each<[string, Partial<StaffIdentityFacts>, string]>([
  ['an acr that is asked for', { provider: { ...provider, acr: 'phr' }, acr: 'pwd' }, 'acr_missing'],
  ['an amr that is asked for', { provider: { ...provider, amr: 'mfa' }, amr: ['pwd'] }, 'amr_missing'],
  ['who left', { bound: { ...person, leftAt: now } }, 'person_ended'],
  ['who works elsewhere', { bound: { ...person, organizationId: 'b' } }, 'person_unknown'],
  [
    'an organization that is suspended',
    { bound: { ...person, organizationSuspendedAt: now } },
    'person_ended',
  ],
  ['who oversees', { bound: { ...person, roles: ['security_officer'] } }, 'oversight_not_covered'],
])('%s, though she is bound', (_what, changes, fault) => {
  expect(staffIdentityFault({ ...again, ...changes })).toBe(fault);
});

test.each<[string, Partial<StaffIdentityFacts>, string]>([
  ['no address', { email: undefined }, 'mail_unverified'],
  ['an address below the domain', { email: 'dana@sub.a.example' }, 'mail_of_another'],
  ['an address that ends like it', { email: 'dana@evil-a.example' }, 'mail_of_another'],
  ['an address of nobody', { named: null }, 'person_unknown'],
  ['an address of somebody who is bound', { namedIsBound: true }, 'subject_of_another'],
])('%s, the first time', (_what, changes, fault) => {
  expect(staffIdentityFault({ ...first, ...changes })).toBe(fault);
});

test('what an operator registered speaks for those who oversee, too', () => {
  const reviewer = { ...person, roles: ['reviewer'] as const };
  const covering = { ...provider, coversOversight: true };
  expect(staffIdentityFault({ ...first, named: reviewer, provider: covering })).toBe(undefined);
});
