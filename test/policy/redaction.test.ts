// Whoever leaves out what the obligation names, by an exact comparison, leaves out all that policy would refuse by itself.
import { describe, expect, test } from '@jest/globals';
import { decideAccess, type Obligation } from '../../src/policy/access.ts';
import { type Changed, factsWith, reasonOf } from './changed-access.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const SYSTEMS = [CONFIDENTIALITY, 'http://hl7.org/fhir/v3/Confidentiality', 'urn:oid:2.16.840.1.113883.5.25'];
const ACT_CODES = [
  'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  ...['http://hl7.org/fhir/v3/ActCode', 'urn:oid:2.16.840.1.113883.5.4', ''],
];
const HTEST = 'http://terminology.hl7.org/CodeSystem/v3-ActReason|HTEST';

type Redact = Obligation & { readonly type: 'redact' };
const redactOf = (changed: Changed = {}): Redact | undefined => {
  const decision = decideAccess(factsWith({ request: { labels: undefined }, ...changed }));
  if (!decision.permitted) throw new Error(decision.reason);
  return decision.obligations.find((one) => one.type === 'redact');
};

/** As a resource server that knows no code system does it. */
function leavesOut({ labels, confidentiality, unlabelled }: Redact, own: readonly string[]): boolean {
  const codes = own.flatMap((label) =>
    confidentiality.systems.flatMap((system) =>
      label.startsWith(`${system}|`) ? label.slice(system.length + 1) : [],
    ),
  );
  if (own.some((label) => labels.includes(label))) return true;
  return codes.length === 0 ? unlabelled : codes.some((code) => !confidentiality.open.includes(code));
}

const cases: readonly (readonly string[])[] = [
  ...SYSTEMS.flatMap((system) => ['N', 'L', 'R', 'V', 'X', ''].map((code) => [`${system}|${code}`])),
  ...ACT_CODES.flatMap((system) => ['HIV', 'SUD', 'BH', 'NORDSCLCD'].map((code) => [`${system}|${code}`])),
  ...[[], [HTEST], ['|R'], ['|N'], [HTEST, `${CONFIDENTIALITY}|N`], [`${CONFIDENTIALITY}|N`, '|HIV']],
];

describe.each(['normal', 'restricted'] as const)('where what is unlabelled is %s', (unlabelled) => {
  const purposes = { sensitivePurposes: ['TREAT'], sensitiveMaxAge: null, unlabelled };
  test.each([
    ['without a choice', { settings: { unlabelled } }],
    ['for a purpose that is enough', { settings: purposes }],
    [
      'signed in too long ago',
      { token: { scope: 'patient/*.rs', stoppedScopes: [] }, settings: { unlabelled } },
    ],
  ] as const)('%s the obligation says what a read of each alone would', (_, changed) => {
    const redact = redactOf(changed);
    for (const labels of cases) {
      const isRefused = reasonOf({ request: { labels }, ...changed }) !== undefined;
      expect([labels, redact && leavesOut(redact, labels)]).toEqual([labels, isRefused]);
    }
  });
});

test('who says nothing of confidentiality or sensitivity has not labelled', () => {
  const reason = (...labels: string[]) =>
    reasonOf({ request: { labels }, settings: { unlabelled: 'restricted' } });
  expect(reason(HTEST)).toBe('sensitivity_not_chosen');
  expect(reason(HTEST, `${CONFIDENTIALITY}|N`)).toBeUndefined();
  expect(reason('urn:oid:2.16.840.1.113883.5.25|N')).toBeUndefined();
});
