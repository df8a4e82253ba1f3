import { expect, test } from '@jest/globals';
import { foreseenEnd } from '../../src/policy/standing.ts';

const [earlier, later] = [new Date('2027-03-03T00:00:00Z'), new Date('2027-03-04T00:00:00Z')];

test.each<[string, Date | null, Date | null, Date | null]>([
  ['the contract', earlier, later, earlier],
  ['the use case', later, earlier, earlier],
  ['the contract alone', later, null, later],
  ['the use case alone', null, later, later],
  ['nothing', null, null, null],
])('%s ends what an app may do', (_what, contractEndsAt, useCaseEndsAt, end) => {
  expect(foreseenEnd({ contractEndsAt, useCaseEndsAt })).toEqual(end);
});
