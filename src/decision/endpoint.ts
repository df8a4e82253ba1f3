// The endpoints of the AuthZEN Authorization API, asked for each request to a FHIR server: answered on node:http, before koa.
import type { IncomingMessage } from 'node:http';
import { type Reason, refusals } from '../errors.ts';
import { bearerToken } from '../provider/bearer-caller.ts';
import type { Asked, Question } from '../provider/resource-server-caller.ts';
import { BusyError } from '../store/batch.ts';
import type { Store } from '../store/database.ts';
import type { Log } from '../web/log.ts';
import { msSince } from '../web/observer.ts';
import { isForHost } from '../web/own-host.ts';
import { faultAnswer, RETRY_AFTER, UNAVAILABLE } from '../web/protocol-errors.ts';
import { JSON_TYPE, json, type Reply, send } from '../web/reply.ts';
import { readBody } from '../web/request-body.ts';
import { requestIdFor } from '../web/request-context.ts';
import type { Answer } from './answer.ts';
import { type DecisionSettings, evaluate, UnrecordedError } from './evaluate.ts';
import { type Evaluations, type Read, readEvaluation, readEvaluations } from './evaluation-request.ts';
import { tokenIn, tokensOfEach } from './subject.ts';

/** AuthZEN §10.1: the paths that are usual. */
export const DECISION_PATHS = {
  evaluation: '/access/v1/evaluation',
  evaluations: '/access/v1/evaluations',
} as const;

const KIB = 1_024;
const ENDPOINTS: Readonly<
  Record<string, { read(body: string): Read<Evaluations>; readonly maxBytes: number }>
> = {
  [DECISION_PATHS.evaluation]: { read: readEvaluation, maxBytes: 64 * KIB },
  [DECISION_PATHS.evaluations]: { read: readEvaluations, maxBytes: 1_024 * KIB },
};

export interface DecisionOptions extends DecisionSettings {
  readonly issuer: string;
  readonly log: Log;
  ask(question: Question): Promise<Asked | Reason>;
}

export function createDecisions(store: Store, options: DecisionOptions) {
  const { issuer, log, ask, observer } = options;
  const { host } = new URL(issuer);

  const decide = async ({ caller, token }: Asked, read: Evaluations, requestId: string): Promise<Reply> => {
    const { audiences } = caller;
    const tokens = await tokensOfEach(store, read.evaluations, { first: token, audiences });
    const asking = { resourceServerId: caller.id, audiences, requestId, tokens };
    const answers = await evaluate(store, options, asking, read);
    const body = read.isSingle
      ? oneOf(answers)
      : `{"evaluations":[${answers.map(({ text }) => text).join(',')}]}`;
    return { status: 200, type: JSON_TYPE, body, headers: [], outcome: 'ok' };
  };

  const replyTo = async (request: IncomingMessage, path: string, requestId: string): Promise<Reply> => {
    const { read, maxBytes } = ENDPOINTS[path] as (typeof ENDPOINTS)[string];
    const body = await readBody(request, 'application/json', maxBytes);
    const found = typeof body === 'string' ? { fault: body } : read(body.text);
    const subject = 'value' in found ? found.value.evaluations[0]?.subject : undefined;
    const header = request.headers.authorization ?? '';
    const asked = await ask({ header, assertion: '', token: subject ? tokenIn(subject) : '', requestId });
    if (typeof asked === 'string') return refuseCaller(asked, header);
    if ('fault' in found) return refuseBody(found.fault, maxBytes);
    return decide(asked, found.value, requestId);
  };

  return {
    takes: (request: IncomingMessage) =>
      request.method === 'POST' && pathOf(request) in ENDPOINTS && isForHost(request, host),
    answer: async (request: IncomingMessage, response: Parameters<typeof send>[0]) => {
      const started = process.hrtime.bigint();
      const given = request.headers['x-request-id'];
      const requestId = requestIdFor(given);
      const route = pathOf(request);
      let reply: Reply;
      try {
        reply = await replyTo(request, route, requestId);
      } catch (error) {
        // Who comes when too much waits is no fault of ours to find.
        if (!(error instanceof BusyError)) log.error({ err: error as Error }, 'a request failed');
        reply = faultReply(error);
      }
      // AuthZEN §10.1.6: whatever it was, it comes back.
      send(response, reply, typeof given === 'string' && ECHOED.test(given) ? given : requestId);
      const { status, outcome } = reply;
      observer.answered({ request, requestId, route, status, ms: msSince(started), outcome });
    },
  };
}

function oneOf([answer]: readonly Answer[]): string | Buffer {
  if (answer === undefined) throw new Error('each evaluation has an answer');
  return answer.bytes ?? answer.text;
}

const ECHOED = /^[\x20-\x7E]{1,256}$/;

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';

/** AuthZEN §10.1.4: 401 for who did not say who it is, 403 for who may not ask. */
function refuseCaller(reason: Reason, header: string): Reply {
  const { error, status, text } = refusals[reason];
  const basic = 'Basic realm="decision", charset="UTF-8"';
  const bearer = `Bearer realm="decision", error="${error}"`;
  const challenge = bearerToken(header) === undefined ? basic : bearer;
  return { ...refusal(status, error, text), headers: ['WWW-Authenticate', challenge] };
}

function refuseBody(fault: string, maxBytes: number): Reply {
  const limit = `the body must be of at most ${maxBytes / KIB} KiB`;
  if (fault === 'too_large') return refusal(413, 'invalid_request', limit);
  if (fault === 'other_type') return refusal(400, 'invalid_request', 'the body must be application/json');
  return refusal(400, 'invalid_request', fault === 'unreadable' ? 'the body cannot be read' : fault);
}

const refusal = (status: number, error: string, description: string): Reply => ({
  ...json(status, { error, error_description: description }),
  outcome: error,
});

function faultReply(error: unknown): Reply {
  if (error instanceof UnrecordedError)
    return { ...json(503, UNAVAILABLE), headers: ['Retry-After', RETRY_AFTER], outcome: UNAVAILABLE.error };
  const { status, body, retryAfter } = faultAnswer(error);
  const headers = retryAfter === undefined ? [] : ['Retry-After', retryAfter];
  return { ...json(status, body), headers, outcome: body.error };
}
