// What a resource server asks of Postern for each request (OpenID AuthZEN Authorization API 1.0).
import { basic, type World } from './world.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Evaluation {
  readonly subject?: Json;
  readonly action?: Json;
  readonly resource?: Json;
  readonly context?: Json;
}

export interface DecisionAnswer {
  readonly decision: boolean;
  readonly context: {
    readonly unlabelled: string;
    readonly obligations?: readonly {
      readonly id: string;
      readonly type: string;
      readonly properties: Json;
    }[];
    readonly reason_admin?: Json;
    readonly reason_user?: Json;
    readonly acr_values?: string;
    readonly max_age?: number;
  };
}

/** A read of the first patient's record with that token; `changes` replace members as a whole. */
export const readOf = (token: string, changes: Evaluation = {}): Evaluation => ({
  subject: { type: 'access_token', id: token },
  action: { name: 'read' },
  resource: { type: 'Patient', id: 'ana-rivera', properties: { patient: 'ana-rivera' } },
  ...changes,
});

type Server = World['resourceServer'];
type Asking = Pick<World, 'issuer' | 'resourceServer'>;

export function postDecision(
  { issuer, resourceServer }: Asking,
  path: 'evaluation' | 'evaluations',
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${issuer}/access/v1/${path}`, {
    method: 'POST',
    headers: {
      authorization: basic(resourceServer.id, resourceServer.secret),
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function decide(
  world: Asking,
  evaluation: Evaluation,
  server?: Server,
): Promise<DecisionAnswer> {
  const as = { issuer: world.issuer, resourceServer: server ?? world.resourceServer };
  const response = await postDecision(as, 'evaluation', evaluation);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as DecisionAnswer;
}

/** The decisions of a call with several, as far as they were made. */
export async function decideAll(world: Asking, body: Json): Promise<DecisionAnswer[]> {
  const response = await postDecision(world, 'evaluations', body);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return ((await response.json()) as { evaluations: DecisionAnswer[] }).evaluations;
}

/** What the audit has of decisions, the oldest first. */
export function decisionsIn({ store }: Pick<World, 'store'>) {
  return store.prisma.auditEvent.findMany({
    where: { type: { in: ['decision.permitted', 'decision.denied'] } },
    orderBy: { id: 'asc' },
  });
}
