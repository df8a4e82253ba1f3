// Each request to the demo FHIR server is decided by Postern: a granular scope filters its search, an end is an end at once,
// and the operator can ask why.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CommandDeps, Output } from '../../src/operations/command.ts';
import { readArgs } from '../../src/operations/command.ts';
import { policyCommands } from '../../src/operations/commands-policy.ts';
import { readFhir } from '../setup/app-client.ts';
import { connect } from '../setup/connection.ts';
import { decisionsIn } from '../setup/decisions.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let token: string;

beforeAll(async () => {
  world = await createWorld('embedded');
  // Of observations she keeps those of the laboratory.
  const kept = { choices: ['Patient.view', 'Observation.laboratory.view'] };
  token = (await connect(world, await world.patientBrowser(), {}, kept)).accessToken;
});
afterAll(() => world.stop());

interface Found {
  readonly resource: { readonly category: readonly { readonly coding: readonly { code: string }[] }[] };
}

describe('the demo FHIR server', () => {
  test('shows of a search what the scope opens, and nothing else of the patient', async () => {
    const response = await readFhir(world, token, 'Observation?patient=ana-rivera');
    expect(response.status).toBe(200);
    const { total, entry } = (await response.json()) as { total: number; entry: readonly Found[] };
    expect(total).toBe(7);
    const codes = entry.map(({ resource }) => resource.category[0]?.coding[0]?.code);
    expect(new Set(codes)).toEqual(new Set(['laboratory']));
    const [event] = (await decisionsIn(world)).slice(-1);
    expect(event).toMatchObject({ type: 'decision.permitted', resource: 'Observation?patient' });
    expect(JSON.stringify(event?.detail)).toContain('filter');
  });

  test.each([
    ['Observation?category=vital-signs', 'scope_insufficient'],
    ['Observation?patient=james-okafor', 'patient_foreign'],
    ['Patient/james-okafor', 'patient_foreign'],
    ['Condition?patient=ana-rivera', 'scope_insufficient'],
  ])('refuses %s, and the audit says why: %s', async (path, reason) => {
    expect((await readFhir(world, token, path)).status).toBe(403);
    const [event] = (await decisionsIn(world)).slice(-1);
    expect(event).toMatchObject({ type: 'decision.denied', reason });
  });

  test('tells when the app was last used, as introspection does', async () => {
    await readFhir(world, token, 'Patient/ana-rivera');
    expect(await world.store.prisma.accessRecord.count()).toBe(1);
  });
});

describe('postern policy explain', () => {
  const [command] = policyCommands;

  async function explain(line: string, ...more: string[]) {
    const printed: string[] = [];
    const to: Output = {
      print: (text) => printed.push(text),
      progress: () => undefined,
      write: async () => undefined,
    };
    const given = ['--token', token, '--request', line, ...more];
    const { store, config } = world;
    const args = command && readArgs(command, given);
    if (command === undefined || args === undefined) throw new Error('there is no such command');
    const deps = { store, decisions: config.decision } as unknown as CommandDeps;
    return { code: await command.run(deps, args, to), text: printed.join('\n') };
  }

  test('tells each rule, its facts and its outcome, and what would be asked for beside', async () => {
    const { code, text } = await explain('GET /Observation?patient=ana-rivera');
    expect(code).toBe(0);
    expect(text).toMatch(/^Permitted\.\n {2}obligation {2}\{"type":"filter"/);
    expect(text).toMatch(/\n {2}holds {4}token_expired +token\.now = "20/);
    expect(text).toMatch(
      /\n {2}holds {4}budget_patients +budget\.patients = 1, budget\.patientsLimit = 10000/,
    );
    expect(text).not.toContain('REFUSES');
  });

  test('counts the patient who is searched for, not the one of the launch', async () => {
    await explain('GET /Observation?patient=ana-rivera');
    const open = /budget\.patients = (\d+)/;
    const hers = Number(open.exec((await explain('GET /Observation?patient=ana-rivera')).text)?.[1]);
    const his = Number(open.exec((await explain('GET /Observation?patient=james-okafor')).text)?.[1]);
    // Hers has been opened before.
    expect([hers, his]).toEqual([1, 2]);
  });

  test('names every rule that does not hold, the first in words', async () => {
    const { code, text } = await explain('GET /Patient/james-okafor', '--base', 'https://other.example');
    expect(code).toBe(1);
    expect(text).toMatch(/^Denied: audience_foreign \(the token is not active\)\.\n/);
    expect(text.match(/REFUSES {2}\w+/g)).toEqual(['REFUSES  audience_foreign', 'REFUSES  patient_foreign']);
  });

  test('takes what a resource server would tell: the patient, labels, the network', async () => {
    const label = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV';
    const read = 'GET /Observation/ana-glucose';
    expect((await explain(read, '--patient', 'Patient/james-okafor')).text).toContain(
      'Denied: patient_foreign',
    );
    expect((await explain(read, '--label', label)).text).toContain('Denied: sensitivity_not_chosen');
    expect((await explain(read, '--network', '10.0.0.1')).text).toContain('context.network = "10.0.0.1"');
  });

  test('as JSON it is one object; the token stands in no answer', async () => {
    const { text } = await explain('GET /Patient/ana-rivera', '--json');
    const { decision, rules } = JSON.parse(text);
    expect(decision).toMatchObject({ permitted: true, unlabelled: 'normal' });
    expect(rules.length).toBeGreaterThan(40);
    for (const line of [text, (await explain('GET /Patient/ana-rivera')).text])
      expect(line).not.toContain(token);
  });

  test('a token that is not known here has no facts', async () => {
    const known = token;
    token = 'nobody-issued-this';
    expect(await explain('GET /Patient/1')).toEqual({
      code: 1,
      text: 'Denied: token_unknown (the token is not known here).',
    });
    token = known;
  });

  test('what is no request is wrong usage', async () => {
    await expect(explain('FETCH everything')).rejects.toThrow('--request is no request to a FHIR server');
  });
});
