// Searches that would go around a scope or out of the compartment of a patient, and what is chosen to be disclosed.
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../src/errors.ts';
import { decideAccess } from '../../src/policy/access.ts';
import { parseRequestLine } from '../../src/policy/request-line.ts';
import { accessFacts, HIV } from './access-facts.ts';
import { factsWith, reasonOf } from './changed-access.ts';

function filtersOf(scope: string, line: string) {
  const request = parseRequestLine(line);
  if (request === undefined) throw new Error(`${line} is no request`);
  const plain = { ...accessFacts, context: {}, settings: { ...accessFacts.settings, networks: [] } };
  const decision = decideAccess(factsWith({ token: { scope, stoppedScopes: [] } }, { ...plain, request }));
  if (!decision.permitted) return decision.reason;
  return decision.obligations.flatMap((one) => {
    if (one.type !== 'filter') return [];
    const alternatives = one.alternatives.map((each) => each.map((pair) => pair.join('=')).join('&'));
    return [`${one.resourceType}: ${alternatives.join(' or ')}`];
  });
}

describe('nothing goes around a scope', () => {
  test.each<readonly [string, string, readonly string[] | Reason]>([
    // A server passes over parameters that a type does not have.
    ['patient/Patient.rs', 'GET /Patient?patient=ana', ['Patient: _id=ana']],
    ['patient/Patient.rs', 'GET /Patient?subject=Patient/ana', ['Patient: _id=ana']],
    ['patient/Observation.rs', 'GET /Observation?beneficiary=Patient/ana', ['Observation: patient=ana']],
    ['patient/Coverage.rs', 'GET /Coverage?subject=Patient/ana', ['Coverage: patient=ana']],
    ['patient/Coverage.rs', 'GET /Coverage?beneficiary=Patient/ana', []],
    ['patient/Group.rs', 'GET /Group?patient=ana', ['Group: member=ana']],
    // A history is not searched.
    ['patient/Observation.rs', 'GET /Observation/_history?patient=ana', ['Observation: patient=ana']],
    ['patient/Observation.rs', 'GET /Observation/1/_history?patient=ana', ['Observation: patient=ana']],
    // What an operation or a conditional write searches is looked into like a search.
    [
      'patient/Observation.rs',
      'GET /Observation/$lastn?patient=ana&_revinclude=Provenance:target',
      'scope_insufficient',
    ],
    ['patient/Observation.rs', 'GET /Observation/$lastn?encounter.status=planned', 'scope_insufficient'],
    ['patient/Observation.cruds', 'DELETE /Observation?encounter.status=planned', 'scope_insufficient'],
    // Chains and _has, one in the other (FHIR R4 search §3.1.1.4.17).
    [
      'system/Encounter.rs system/Patient.rs',
      'GET /Encounter?patient._has:Group:member:_id=1',
      'scope_insufficient',
    ],
    [
      'system/Patient.rs system/Observation.rs',
      'GET /Patient?_has:Observation:patient:encounter.status=planned',
      'scope_insufficient',
    ],
    ['system/*.rs', 'GET /Patient?_has:Observation:patient:encounter.status=planned', []],
    ['system/Observation.rs', 'GET /Observation?_list:not=1', 'scope_insufficient'],
    [
      'system/Observation.rs system/Provenance.rs',
      'GET /Observation?_revinclude=Provenance:target,AuditEvent:entity',
      'scope_insufficient',
    ],
    // Whom else a doctor sees is not asked by way of the doctor.
    [
      'patient/Practitioner.rs patient/Encounter.rs',
      'GET /Practitioner?_has:Encounter:participant:patient=ben',
      'patient_foreign',
    ],
    [
      'patient/*.rs',
      'GET /Encounter?participant:Practitioner._has:Encounter:participant:patient=ben',
      'patient_foreign',
    ],
  ])('%s, %s', (scope, line, expected) => {
    expect(filtersOf(scope, line)).toEqual(expected);
  });

  test('whoever chose that an app may write chose nothing to be disclosed', () => {
    const token = { scope: 'patient/*.c patient/Observation.rs', stoppedScopes: [] };
    const settings = { sensitiveMaxAge: null };
    expect(reasonOf({ request: { labels: [HIV] }, token, settings })).toBe('sensitivity_not_chosen');
  });

  test('a clinician who launches an app at the EHR chooses nothing for the patient; a representative does', () => {
    const token = { scope: 'patient/*.rs', stoppedScopes: [], representationId: null };
    const settings = { sensitiveMaxAge: null };
    const by = (who: { accountId: string; patientId: string | null; representationId?: string }) =>
      reasonOf({ request: { labels: [HIV] }, token: { ...token, ...who }, settings });
    expect(by({ accountId: 'ana', patientId: 'ana' })).toBeUndefined();
    expect(by({ accountId: 'clinician', patientId: 'ana' })).toBe('sensitivity_not_chosen');
    expect(by({ accountId: 'clinician', patientId: null })).toBe('sensitivity_not_chosen');
    const representative = { accountId: 'ben', patientId: 'ana', representationId: 'of-ana' };
    expect(by(representative)).toBeUndefined();
  });

  test('a create under a condition searches first: it needs both (FHIR R4 http §3.1.0.8.1)', () => {
    const decide = (scope: string, parameters: readonly (readonly [string, string])[]) =>
      reasonOf({
        token: { scope, stoppedScopes: [] },
        request: { interaction: 'create', resourceId: undefined, labels: undefined, parameters },
        context: { transactionType: 'submission' },
      });
    const ifNoneExist = [['identifier', 'a|1']] as const;
    expect(decide('patient/Observation.c', [])).toBeUndefined();
    expect(decide('patient/Observation.c', ifNoneExist)).toBe('scope_insufficient');
    expect(decide('patient/Observation.cs', ifNoneExist)).toBeUndefined();
    expect(decide('patient/Observation.cs', [['encounter.status', 'planned']])).toBe('scope_insufficient');
  });

  test('labels tell nothing of the many that a search finds', () => {
    const request = { interaction: 'search' as const, resourceId: undefined, labels: [] };
    const decision = decideAccess(factsWith({ request, settings: { unlabelled: 'normal' } }));
    const obligations = decision.permitted ? decision.obligations : [];
    expect(obligations).toContainEqual(expect.objectContaining({ type: 'redact' }));
  });
});
