import { expect, test } from '@jest/globals';
import { consoleArea } from '../../src/console/area.ts';
import { portal } from '../../src/developer/area.ts';
import { ATTESTATION_DECISIONS } from '../../src/policy/attestation.ts';
import { AUTH_METHODS, GRANT_TYPES } from '../../src/policy/client-metadata.ts';
import { DATA_USE_ANSWERS } from '../../src/policy/data-use.ts';
import { SEVERITIES } from '../../src/policy/finding-severity.ts';
import { roles } from '../../src/policy/permissions.ts';
import { SUBPROCESSOR_SERVICES } from '../../src/policy/revision.ts';
import { standing } from '../../src/policy/standing.ts';
import { BASES, EXCHANGE_PROFILES, IDENTIFICATIONS, USE_CATEGORIES } from '../../src/policy/use-case.ts';
import { LOGGED_TYPES } from '../../src/registry/audit-log.ts';
import { CHANGE_KINDS } from '../../src/registry/changes.ts';
import { CUT_OFF_KINDS } from '../../src/registry/cut-offs.ts';
import { CONTACT_ROLES, ORGANIZATION_KINDS } from '../../src/registry/organizations.ts';
import { revisionDiff } from '../../src/registry/revision-diff.ts';
import { diffView, revisionWords } from '../../src/staff/revision-words.ts';
import { createMessages } from '../../src/web/messages.ts';
import { revision, useCase } from '../setup/sample-revision.ts';

const messages = createMessages('views');
const known = new Set(messages.keys());
const under = (prefix: string, values: readonly string[]) => values.map((value) => `${prefix}.${value}`);

test.each([
  ['what happened', under('console.event', LOGGED_TYPES)],
  [
    'why an app may not act',
    under(
      'diagnosis',
      standing.map(([reason]) => reason),
    ),
  ],
  ['what was just done', [consoleArea, portal].flatMap(({ via, done }) => under(`${via}.done`, done))],
  // The timelines of an app, on both sides, tell of answers as of reviews.
  [
    'answers of campaigns',
    ['console', 'developer'].flatMap((side) => under(`${side}.decision`, ATTESTATION_DECISIONS)),
  ],
  ['urgencies', under('console.severity', SEVERITIES)],
  ['roles', under('console.role', roles)],
  ['what is cut off', under('console.cut-off-kind', CUT_OFF_KINDS)],
  ['kinds of organizations', under('console.kind', ORGANIZATION_KINDS)],
  ['contacts', under('console.contact', CONTACT_ROLES)],
  ['recorded changes', under('console.change', CHANGE_KINDS)],
  ['services', under('revision.value.service', SUBPROCESSOR_SERVICES)],
  ['bases', under('revision.value.useCase.basis', BASES)],
  ['exchange profiles', under('revision.value.useCase.exchangeProfile', EXCHANGE_PROFILES)],
  ['identifications', under('revision.value.useCase.minimization.identification', IDENTIFICATIONS)],
  ['grant types', under('revision.value.grantTypes', GRANT_TYPES)],
  ['authentication methods', under('revision.value.authMethod', AUTH_METHODS)],
  ['categories', USE_CATEGORIES.map((category) => `scope.${category}.name`)],
  [
    'answers on data use',
    Object.entries(DATA_USE_ANSWERS).flatMap(([question, answers]) =>
      under(`revision.value.dataUse.${question}.answer`, answers),
    ),
  ],
])('every one of %s has its words', (_, keys) => {
  expect(keys.filter((key) => !known.has(key))).toEqual([]);
});

test('a revision with every field filled in can be told in both languages', () => {
  const whole = {
    ...{
      ...revision,
      tosUrl: 'https://a.example/tos',
      logoId: 'f'.repeat(64),
      jwksUri: 'https://a.example/jwks',
    },
    ...{ launchUris: ['https://a.example/launch'], postLogoutRedirectUris: ['https://a.example/bye'] },
    ...{ backchannelLogoutUri: 'https://a.example/logout', origins: ['https://a.example'] },
    ...{
      softwareId: 'a',
      softwareVersion: '1',
      subprocessors: [{ organizationId: 'x', service: 'ai' as const }],
    },
    useCase: {
      ...{ ...useCase, basisReference: 'Annex', endsAt: '2027-01-31' },
      hours: { from: '08:00', to: '18:00', timeZone: 'America/Chicago' },
      legalReview: { by: 'Counsel', reference: 'R-1', reviewedAt: '2026-11-01' },
      minimization: { necessity: 'Nothing less', identification: 'limited_data_set' as const },
    },
    dataUse: { ...revision.dataUse, funding: { answer: 'other', explanation: 'A foundation' } },
  };
  for (const locale of ['en', 'es'] as const) {
    const words = revisionWords(messages.translator(locale), locale, new Map([['x', 'Acme AI, Inc.']]));
    const told = diffView(revisionDiff(null, whole), words);
    expect(told.length).toBeGreaterThan(40);
    expect(told.flatMap(({ added }) => added)).toContain(`Acme AI, Inc.: ${locale === 'en' ? 'AI' : 'IA'}`);
    expect(told.every(({ label, added }) => label !== '' && added.length > 0)).toBe(true);
  }
});

test('of a list only what came and went is told, of a text what it was and is', () => {
  const after = { ...revision, name: 'Brighter', purposes: ['PATRQT', 'TREAT'] };
  const words = revisionWords(messages.translator('en'), 'en');
  expect(diffView(revisionDiff(revision, after), words)).toEqual([
    { label: 'Name', literal: false, removed: ['Bright Results'], added: ['Brighter'] },
    { label: 'Purposes of use', literal: false, removed: [], added: ['To give you care (TREAT)'] },
  ]);
});
