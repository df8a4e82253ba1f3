import type { AccessFacts } from '../policy/access.ts';
import { volumeAgreed } from '../policy/contract-limits.ts';
import { type Explanation, explainAccess, type RuleOutcome } from '../policy/explain.ts';
import type { FhirRequest } from '../policy/fhir-request.ts';
import { patientNamed } from '../policy/patients-named.ts';
import { parseRequestLine } from '../policy/request-line.ts';
import { budgetUseWith } from '../store/budget-use.ts';
import { findIntrospectedToken } from '../store/introspections.ts';
import {
  type Args,
  type Command,
  type CommandDeps,
  JSON_OPTION,
  Misuse,
  type Output,
  shown,
} from './command.ts';

export const policyCommands: readonly Command[] = [
  {
    words: 'policy explain',
    about:
      'Tells whether a request to a FHIR server would be allowed now: each rule, its facts and its outcome.',
    options: {
      token: { value: '<access token>', about: 'with which it is made', required: true },
      request: { value: '"GET /Observation?patient=1"', about: 'below the FHIR base', required: true },
      base: {
        value: '<url>',
        about: 'the FHIR base that is called; without it the one that the token is for',
      },
      patient: { value: '<id>', about: 'the Patient that a resource server would say it is about' },
      network: { value: '<address>', about: 'where it comes from; without it that is not looked at' },
      label: { value: '<system|code>', about: 'a security label of the resource', multiple: true },
      ...JSON_OPTION,
    },
    async run(deps, args, output) {
      const request = requestIn(args);
      const facts = await factsOf(deps, args, request);
      if (facts === undefined) return say(output, args, UNKNOWN);
      return say(output, args, explainAccess(facts));
    },
  },
];

/** What nobody issued here, or what is gone, has no facts. */
const UNKNOWN = {
  decision: { permitted: false, reason: 'token_unknown' },
  says: 'the token is not known here',
  rules: [],
} as const;

function requestIn(args: Args): FhirRequest {
  const request = parseRequestLine(args.text('request') ?? '');
  if (request === undefined)
    throw new Misuse('--request is no request to a FHIR server: "GET /Observation?patient=1"');
  const patient = args.text('patient')?.replace(/^Patient\//, '');
  const labels = args.texts('label');
  return {
    ...request,
    ...(patient !== undefined && { patientId: patient }),
    ...(labels.length > 0 && { labels }),
  };
}

async function factsOf(
  { store, decisions }: CommandDeps,
  args: Args,
  request: FhirRequest,
): Promise<AccessFacts | undefined> {
  const token = await findIntrospectedToken(store, args.text('token') ?? '');
  if (token === undefined) return undefined;
  const { patient: own } = token.extra;
  const patient = patientNamed(request) ?? (typeof own === 'string' ? own : undefined);
  const used = await budgetUseWith(store, token.clientId, { fhirBase: token.audience, patient });
  const { access } = decisions;
  const budget = volumeAgreed(decisions.budget, token.contractLimits);
  const network = args.text('network');
  return {
    ...{ token, app: token.app, request },
    ...(network === undefined
      ? { context: {}, settings: { ...access, networks: [] } }
      : { context: { network }, settings: access }),
    fhirBases: [args.text('base') ?? token.audience],
    budget: { ...used, patientsLimit: budget.patients, resourcesLimit: budget.resources },
  };
}

type Said = Explanation | typeof UNKNOWN;

function say({ print }: Output, args: Args, said: Said): number {
  const { decision, says, rules } = said;
  if (args.isSet('json')) print(JSON.stringify(said));
  else {
    const { reason } = decision.permitted ? { reason: undefined } : decision;
    print(reason === undefined ? 'Permitted.' : `Denied: ${reason} (${says}).`);
    for (const obligation of 'obligations' in decision ? decision.obligations : [])
      print(`  obligation  ${shown(JSON.stringify(obligation))}`);
    const width = Math.max(...rules.map(({ rule }) => rule.length));
    for (const rule of rules) print(lineOf(rule, width));
  }
  return decision.permitted ? 0 : 1;
}

function lineOf({ rule, holds, facts }: RuleOutcome, width: number): string {
  const told = Object.entries(facts).map(
    ([path, value]) => `${path} = ${JSON.stringify(value) ?? 'not told'}`,
  );
  return `  ${holds ? 'holds  ' : 'REFUSES'}  ${rule.padEnd(width)}  ${shown(told.join(', '))}`;
}
