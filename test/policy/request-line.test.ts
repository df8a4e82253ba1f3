// FHIR R4 http §3.1.0: what a request line asks for.
import { expect, test } from '@jest/globals';
import { parseFhirRequest, parseRequestLine } from '../../src/policy/request-line.ts';

test.each([
  [
    'GET /Observation?patient=1&code=a%7Cb',
    {
      interaction: 'search',
      resourceType: 'Observation',
      parameters: [
        ['patient', '1'],
        ['code', 'a|b'],
      ],
    },
  ],
  [
    'get Observation/1',
    { interaction: 'read', resourceType: 'Observation', resourceId: '1', parameters: [] },
  ],
  [
    'HEAD /Observation/1?_format=json',
    { interaction: 'read', resourceType: 'Observation', resourceId: '1', parameters: [] },
  ],
  [
    'GET /Observation/1/_history/2',
    { interaction: 'vread', resourceType: 'Observation', resourceId: '1', parameters: [] },
  ],
  [
    'GET /Observation/1/_history',
    { interaction: 'history', resourceType: 'Observation', resourceId: '1', parameters: [] },
  ],
  ['GET /Observation/_history', { interaction: 'history', resourceType: 'Observation', parameters: [] }],
  ['GET /_history', { interaction: 'history', resourceType: '*', parameters: [] }],
  ['GET /?_type=Patient', { interaction: 'search', resourceType: '*', parameters: [['_type', 'Patient']] }],
  ['POST /_search', { interaction: 'search', resourceType: '*', parameters: [] }],
  [
    'POST /Observation/_search?code=a',
    { interaction: 'search', resourceType: 'Observation', parameters: [['code', 'a']] },
  ],
  ['POST /Observation', { interaction: 'create', resourceType: 'Observation', parameters: [] }],
  [
    'PUT /Observation/1',
    { interaction: 'update', resourceType: 'Observation', resourceId: '1', parameters: [] },
  ],
  [
    'PUT /Observation?identifier=1',
    { interaction: 'update', resourceType: 'Observation', parameters: [['identifier', '1']] },
  ],
  [
    'PATCH /Observation/1',
    { interaction: 'patch', resourceType: 'Observation', resourceId: '1', parameters: [] },
  ],
  [
    'DELETE /Observation/1',
    { interaction: 'delete', resourceType: 'Observation', resourceId: '1', parameters: [] },
  ],
  [
    'GET /Patient/1/Observation?code=a',
    { interaction: 'search', resourceType: 'Observation', patientId: '1', parameters: [['code', 'a']] },
  ],
  ['GET /Patient/1/*', { interaction: 'search', resourceType: '*', patientId: '1', parameters: [] }],
  [
    'GET /Patient/1/$everything',
    {
      interaction: 'operation',
      operation: '$everything',
      resourceType: 'Patient',
      resourceId: '1',
      parameters: [],
    },
  ],
  [
    'GET /$export?_type=Patient',
    { interaction: 'operation', operation: '$export', resourceType: '*', parameters: [['_type', 'Patient']] },
  ],
  [
    'POST /Group/1/$export',
    {
      interaction: 'operation',
      operation: '$export',
      resourceType: 'Group',
      resourceId: '1',
      parameters: [],
    },
  ],
])('%s', (line, request) => {
  expect(parseRequestLine(line)).toEqual(request);
});

test.each([
  ...['', 'GET', 'FETCH /Patient', 'GET /patient/1', 'GET /Patient/a b', 'GET /Patient/%31', 'POST /'],
  ...[
    'GET /Encounter/1/Observation',
    'POST /Patient/1',
    'GET /Patient/1/Observation/2',
    'GET /$',
    'GET /_search',
  ],
  ...[
    'DELETE /Patient/1/_history',
    'PUT /Patient/1/_history/2',
    'DELETE /Patient/1/$everything',
    'GET /a/b/c/$export',
  ],
])('"%s" is no request that is known here', (line) => {
  expect(parseRequestLine(line)).toBeUndefined();
});

test('a search that is posted asks by its address and by its body', () => {
  expect(parseFhirRequest('POST', '/Observation/_search?code=a', [['patient', '1']])?.parameters).toEqual([
    ['code', 'a'],
    ['patient', '1'],
  ]);
});
