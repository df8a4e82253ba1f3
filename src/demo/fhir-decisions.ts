// The demo FHIR server as a policy enforcement point: it asks about each request and does as it is told (OpenID AuthZEN 1.0).
import { type FhirResource, securityLabels } from './fhir-resource.ts';
import { type Parameter, patientOf, searchFacts } from './fhir-search.ts';

export interface DecisionOptions {
  readonly fhirBase: string;
  readonly decisionEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly fetch?: typeof fetch;
}

export interface Question {
  readonly accessToken: string;
  readonly requestId: string;
  /** The address that the request came from. */
  readonly network: string;
  readonly interaction: 'read' | 'search';
  readonly resourceType: string;
  /** Of a read. */
  readonly id?: string;
  readonly resource?: FhirResource | undefined;
  /** Of a search. */
  readonly parameters?: readonly Parameter[];
  /** How many resources the answer may hold. */
  readonly count?: number;
}

export type Obligation = { readonly type: string; readonly properties: Readonly<Record<string, unknown>> };

// 'unknown' is no answer: the caller must refuse, as it cannot tell.
export type Decision =
  | { readonly state: 'permitted'; readonly obligations: readonly Obligation[] }
  | { readonly state: 'denied'; readonly challenge: Challenge }
  | { readonly state: 'unknown' };

/** RFC 6750 §3, RFC 9470 §3. */
export interface Challenge {
  readonly status: 401 | 403;
  readonly error: string;
  readonly acrValues?: string;
  readonly maxAge?: number;
}

const TIMEOUT_MS = 5_000;

/** Asks anew for every request: an answer kept is a revocation missed. */
export function createDecisions(options: DecisionOptions) {
  // RFC 6749 §2.3.1: both parts are form-urlencoded before they become HTTP Basic
  const basic = [options.clientId, options.clientSecret].map(formEncode).join(':');
  const authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
  const ask = options.fetch ?? fetch;

  return async (question: Question): Promise<Decision> => {
    try {
      const response = await ask(options.decisionEndpoint, {
        method: 'POST',
        headers: {
          ...{ authorization, accept: 'application/json', 'content-type': 'application/json' },
          'x-request-id': question.requestId,
        },
        body: JSON.stringify(evaluationOf(question, options.fhirBase)),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return response.status === 200 ? read(await response.json()) : { state: 'unknown' };
    } catch {
      return { state: 'unknown' };
    }
  };
}

const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

function evaluationOf(question: Question, fhirBase: string): object {
  const { accessToken, network, interaction, resourceType, id = '*', resource, count = 1 } = question;
  const patient = resource && patientOf(resource);
  const parameters = resource === undefined ? (question.parameters ?? []) : searchFacts(resource);
  return {
    subject: { type: 'access_token', id: accessToken },
    action: { name: interaction },
    resource: {
      ...{ type: resourceType, id },
      properties: {
        ...(patient !== undefined && { patient }),
        ...(resource !== undefined && { labels: securityLabels(resource) }),
        parameters: Object.fromEntries(
          parameters.map(([name]) => [
            name,
            parameters.filter(([other]) => other === name).map(([, value]) => value),
          ]),
        ),
        count: Math.max(1, count),
      },
    },
    context: { network, fhir_base: fhirBase, transaction_type: 'query' },
  };
}

function read(answer: unknown): Decision {
  if (!isRecord(answer) || typeof answer.decision !== 'boolean') return { state: 'unknown' };
  const context = isRecord(answer.context) ? answer.context : {};
  if (!answer.decision) return { state: 'denied', challenge: challengeOf(context) };
  const { obligations = [] } = context;
  if (!Array.isArray(obligations)) return { state: 'unknown' };
  return { state: 'permitted', obligations: obligations.map(obligationOf) };
}

/** What it cannot read it cannot do: it has a type that nobody knows. */
function obligationOf(given: unknown): Obligation {
  const { type, properties } = isRecord(given) ? given : {};
  return { type: typeof type === 'string' ? type : '', properties: isRecord(properties) ? properties : {} };
}

function challengeOf({
  reason_admin: reasons,
  acr_values: acrValues,
  max_age: maxAge,
}: Record<string, unknown>) {
  const [[status, error] = ['403', 'insufficient_scope']] = Object.entries(isRecord(reasons) ? reasons : {});
  const isSignIn = error === 'insufficient_user_authentication';
  const challenge: Challenge =
    status === '401' && (error === 'invalid_token' || isSignIn)
      ? { status: 401, error }
      : { status: 403, error: 'insufficient_scope' };
  return {
    ...challenge,
    ...(isSignIn && typeof acrValues === 'string' && PLAIN.test(acrValues) && { acrValues }),
    ...(isSignIn && typeof maxAge === 'number' && { maxAge }),
  };
}

/** RFC 9110 §5.6.4: what may stand between quotes as it is. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
