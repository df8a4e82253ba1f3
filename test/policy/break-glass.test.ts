import { expect, test } from '@jest/globals';
import { decideAccess } from '../../src/policy/access.ts';
import {
  type GlassFacts,
  type GlassUse,
  glassFaults,
  glassState,
  glassUse,
  ofEverybody,
} from '../../src/policy/break-glass.ts';
import { decide } from '../../src/policy/rules.ts';
import { accessFacts } from './access-facts.ts';
import { after, before, NOW } from './facts.ts';

const asked: GlassFacts = {
  ...{ now: NOW, lapsesAt: after, deniedAt: null, startsAt: null, endsAt: null, endedAt: null },
};
const opened = { startsAt: before, endsAt: after };

test.each<[string, Partial<GlassFacts>]>([
  ['waiting', {}],
  ['lapsed', { lapsesAt: NOW }],
  ['denied', { deniedAt: before }],
  ['open', opened],
  ['open', { ...opened, lapsesAt: before }],
  ['ended', { ...opened, endsAt: NOW }],
  ['ended', { ...opened, endedAt: before }],
  ['ended', { ...opened, endsAt: null }],
])('an access is %s', (state, changes) => {
  expect(glassState({ ...asked, ...changes })).toBe(state);
});

const audience = 'https://fhir.example/r4';
const app = {
  ...{ id: 'app', grantTypes: ['client_credentials'], audiences: [audience], purposes: ['HOPERAT', 'TREAT'] },
  scopeCeiling: 'system/Patient.rs system/Observation.rs?category=laboratory patient/Condition.rs',
};
const request = { audience, scope: 'patient/Patient.rs', purpose: 'BTG' };

test.each<[string, Partial<typeof request>, Partial<typeof app>, string[]]>([
  ['what it may read of everybody', {}, {}, []],
  ['the other purpose', { purpose: 'ETREAT' }, {}, []],
  ['what it may read of a patient', { scope: 'patient/Condition.r' }, {}, []],
  ['within a constraint', { scope: 'patient/Observation.rs?category=laboratory' }, {}, []],
  ['no backend service', {}, { grantTypes: ['authorization_code'] }, ['appId app_not_backend']],
  ['another FHIR base', { audience: 'https://other.example' }, {}, ['fhirBaseUrl audience_unregistered']],
  ['an app that treats nobody', {}, { purposes: ['HOPERAT'] }, ['purpose app_not_for_treatment']],
  [
    'an app of emergencies that no registration has',
    {},
    { purposes: ['PATRQT'] },
    ['purpose app_not_for_treatment'],
  ],
  ['a type beyond the ceiling', { scope: 'patient/Medication.r' }, {}, ['scope scope_over_ceiling']],
  ['an interaction beyond it', { scope: 'patient/Patient.cruds' }, {}, ['scope scope_over_ceiling']],
  ['beyond a constraint', { scope: 'patient/Observation.rs' }, {}, ['scope scope_over_ceiling']],
  ['everybody', { scope: 'system/Patient.rs' }, {}, ['scope scope_not_of_patient']],
  ['refresh', { scope: 'patient/Patient.rs offline_access' }, {}, ['scope scope_not_of_patient']],
  ['nothing', { scope: 'nothing' }, {}, ['scope scope_not_of_patient']],
])('what may be asked for: %s', (_, changes, registered, faults) => {
  const found = glassFaults({ ...request, ...changes }, { ...app, ...registered });
  expect(found.map(({ field, code }) => `${field} ${code}`)).toEqual(faults);
});

const use: GlassUse = {
  ...{ ...asked, ...opened, ...request, kind: 'treatment', appId: 'app', app },
  asked: { audience: undefined, scope: undefined, purpose: undefined },
};
const says = (one: Partial<GlassUse['asked']>) => ({ asked: { ...use.asked, ...one } });

test.each<[string | undefined, Partial<GlassUse>]>([
  [undefined, {}],
  [undefined, { asked: { audience, scope: request.scope, purpose: 'BTG' } }],
  ['break_glass_unknown', { kind: 'support', appId: null }],
  ['break_glass_unknown', { appId: 'another' }],
  ['break_glass_closed', { startsAt: null, endsAt: null }],
  ['break_glass_closed', { endsAt: NOW }],
  ['break_glass_closed', { endedAt: before }],
  ['audience_unknown', { app: { ...app, audiences: [] } }],
  ['audience_unknown', says({ audience: 'https://other.example' })],
  ['purpose_not_registered', { app: { ...app, purposes: ['HOPERAT'] } }],
  ['purpose_not_registered', says({ purpose: 'TREAT' })],
  ['scope_over_ceiling', { app: { ...app, scopeCeiling: 'system/Observation.rs' } }],
  ['scope_over_ceiling', says({ scope: 'system/Patient.rs' })],
])('a token of break-glass: %s', (reason, changes) => {
  expect(decide(glassUse, { ...use, ...changes })).toBe(reason);
});

test('what is held of one is held against what is stopped of everybody', () => {
  expect(ofEverybody('patient/Patient.rs patient/Observation.rs?category=laboratory')).toBe(
    'system/Patient.rs system/Observation.rs?category=laboratory',
  );
});

test.each([
  ['is none', 'ETREAT', null, 'purpose_not_registered'],
  ['is one of another branch', 'HRESCH', after, 'purpose_not_registered'],
  ['was granted', 'ETREAT', after, undefined],
  ['is over', 'ETREAT', NOW, 'break_glass_ended'],
])(
  'a purpose of emergencies opens nothing but by an access: it %s',
  (_, purpose, breakGlassEndsAt, reason) => {
    const token = { ...accessFacts.token, purpose, breakGlassEndsAt };
    const context = { ...accessFacts.context, purpose };
    const decision = decideAccess({ ...accessFacts, token, context });
    expect('reason' in decision ? decision.reason : undefined).toBe(reason);
  },
);
