// Decisions per request (OpenID AuthZEN Authorization API 1.0): what a resource server, as policy enforcement point, asks of
// each request that it is about to answer. It is told what policy/access decides, and nothing is permitted that is not in
// the audit. This file reads the body: its form alone, not whether it means anything here.
import { z } from 'zod';

export const MAX_EVALUATIONS = 1_000;

/** What cannot be kept, or would make a log hard to read: control characters, lone surrogates, the unassigned. */
const text = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{C}+$/u, 'must be text without control characters');
const word = text(256);
const list = (most: number) => z.array(word).max(most);

const subject = z.object({
  type: word,
  id: text(4_096),
  properties: z.object({ client_id: word.optional(), user: word.optional() }).optional(),
});

const action = z.object({ name: word });

/** As a query has it: a parameter that comes more than once is a list. */
const parameters = z.record(
  z.string().regex(/^[A-Za-z_][\w.:-]{0,127}$/, 'must be the name of a search parameter'),
  z.union([text(2_048), z.array(text(2_048)).min(1).max(20)]),
);

const resource = z.object({
  type: word,
  id: word,
  properties: z
    .object({
      patient: word.optional(),
      labels: list(100).optional(),
      parameters: parameters.optional(),
      count: z.int().min(1).max(100_000).optional(),
    })
    .optional(),
});

const context = z.object({
  network: word.optional(),
  device: word.optional(),
  caller_role: word.optional(),
  transaction_type: word.optional(),
  exchange_profile: word.optional(),
  time: z.iso.datetime({ offset: true }).optional(),
  fhir_base: text(2_048).optional(),
  purpose_of_use: word.optional(),
  acr_values: list(20).optional(),
  max_age: z.int().min(0).max(1_000_000_000).optional(),
});

const parts = {
  subject: subject.optional(),
  action: action.optional(),
  resource: resource.optional(),
  context: context.optional(),
};
const one = z.object(parts);

const SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;
const many = z.object({
  ...parts,
  evaluations: z.array(one).max(MAX_EVALUATIONS, `must be at most ${MAX_EVALUATIONS}`).optional(),
  options: z.object({ evaluations_semantic: z.enum(SEMANTICS).optional() }).optional(),
});

export type Semantic = (typeof SEMANTICS)[number];

export interface Evaluation {
  readonly subject: z.output<typeof subject>;
  readonly action: z.output<typeof action>;
  readonly resource: z.output<typeof resource>;
  readonly context: z.output<typeof context>;
}

export interface Evaluations {
  readonly evaluations: readonly Evaluation[];
  readonly semantic: Semantic;
  /** Asked, and so answered, as one alone. */
  readonly isSingle: boolean;
}

export type Read<Value> = { readonly value: Value } | { readonly fault: string };

/** AuthZEN §6.1. */
export function readEvaluation(body: string): Read<Evaluations> {
  const read = parse(one, body);
  return 'fault' in read ? read : single(read.value);
}

/** AuthZEN §7.1: without evaluations it is one evaluation. */
export function readEvaluations(body: string): Read<Evaluations> {
  const read = parse(many, body);
  if ('fault' in read) return read;
  const { evaluations = [], options, ...defaults } = read.value;
  if (evaluations.length === 0) return single(defaults);
  const whole: Evaluation[] = [];
  for (const [at, given] of evaluations.entries()) {
    // §7.1.1: a key of an evaluation stands in place of the default as a whole.
    const found = completed({ ...defaults, ...given }, `evaluations.${at}.`);
    if ('fault' in found) return found;
    whole.push(found.value);
  }
  const semantic = options?.evaluations_semantic ?? 'execute_all';
  return { value: { evaluations: whole, semantic, isSingle: false } };
}

function single(given: z.output<typeof one>): Read<Evaluations> {
  const found = completed(given, '');
  if ('fault' in found) return found;
  return { value: { evaluations: [found.value], semantic: 'execute_all', isSingle: true } };
}

function completed(given: z.output<typeof one>, where: string): Read<Evaluation> {
  const { subject, action, resource, context = {} } = given;
  if (subject !== undefined && action !== undefined && resource !== undefined)
    return { value: { subject, action, resource, context } };
  const missing = Object.entries({ subject, action, resource }).find(([, part]) => part === undefined);
  return { fault: `${where}${missing?.[0]} is required` };
}

/** A fault names the place and what must be there, never what stood there. */
function parse<Schema extends z.ZodType>(schema: Schema, body: string): Read<z.output<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return { fault: 'the body must be JSON' };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  const [issue] = parsed.error.issues;
  const place = issue?.path.map(String).join('.').slice(0, 128).replaceAll(/\p{C}/gu, '') ?? '';
  return { fault: `${place || 'the body'}: ${issue?.message}` };
}
