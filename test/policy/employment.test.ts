import { expect, test } from '@jest/globals';
import { type EmploymentFacts, employment } from '../../src/policy/employment.ts';
import { decide } from '../../src/policy/rules.ts';

const now = new Date('2027-03-03T12:00:00Z');
const at = (ms: number) => new Date(now.getTime() + ms);
const works: EmploymentFacts = {
  leftAt: null,
  organizationSuspendedAt: null,
  organizationOffboardedAt: null,
};

test.each<[string, Partial<EmploymentFacts>, string | undefined]>([
  ['who works for an organization that is here', {}, undefined],
  ['whose last day is still to come', { leftAt: at(1) }, undefined],
  ['whose last day is this instant', { leftAt: now }, 'person_left'],
  ['who left', { leftAt: at(-1) }, 'person_left'],
  ['whose organization is suspended', { organizationSuspendedAt: at(-1) }, 'organization_suspended'],
  ['whose organization was offboarded', { organizationOffboardedAt: at(-1) }, 'organization_offboarded'],
  [
    'whose organization was suspended, then offboarded',
    { organizationSuspendedAt: at(-2), organizationOffboardedAt: at(-1) },
    'organization_offboarded',
  ],
])('someone %s: %j', (_who, change, expected) => {
  expect(decide(employment, { ...works, ...change, now })).toBe(expected);
});
