// The hot path: answered on node:http, before koa.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refusals } from '../errors.ts';
import { judgeToken } from '../policy/token-judgement.ts';
import { bearerToken } from '../provider/bearer-caller.ts';
import type { Sign } from '../provider/keys.ts';
import { type Asked, createCallers } from '../provider/resource-server-caller.ts';
import { recordAccess } from '../store/access-records.ts';
import { BusyError } from '../store/batch.ts';
import type { Store } from '../store/database.ts';
import { recordIntrospectionRefusal } from '../store/introspection-refusals.ts';
import type { Secrets } from '../store/secrets.ts';
import { onlyValue, readForm } from '../web/form-body.ts';
import type { Log } from '../web/log.ts';
import { msSince, type Observer } from '../web/observer.ts';
import { isForHost } from '../web/own-host.ts';
import { faultAnswer } from '../web/protocol-errors.ts';
import { JSON_TYPE, json, type Reply, send } from '../web/reply.ts';
import { requestIdFor } from '../web/request-context.ts';
import { activeAnswer, INACTIVE } from './answer.ts';
import { credentialsIn } from './credentials.ts';
import { SIGNED_TYPE, signedAnswer, wantsSigned } from './signed-answer.ts';

export interface IntrospectionOptions {
  readonly issuer: string;
  readonly path: string;
  readonly secrets: Secrets;
  readonly sign: Sign;
  readonly log: Log;
  readonly observer: Observer;
}

export interface Introspection {
  /** Whether it is answered here: everything else, and other hosts, goes on. */
  takes(request: IncomingMessage): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const MAX_BYTES = 56 * 1_024;
const UNREADABLE = refusal(
  400,
  'invalid_request',
  'the body must be application/x-www-form-urlencoded, of at most 56 KiB',
);
const OTHER_CLIENT = refusal(400, 'invalid_request', 'client_id is of somebody else');
const NO_TOKEN = refusal(400, 'invalid_request', 'token is required, once');

export function createIntrospection(store: Store, options: IntrospectionOptions): Introspection {
  const { issuer, path, log, observer } = options;
  const { host } = new URL(issuer);
  const ask = createCallers({ ...options, store, audiences: [issuer, `${issuer}${path}`] });

  /** As JSON. What is recorded already lets nobody wait. */
  const judge = ({ caller, token }: Asked, requestId: string): string | Promise<string> => {
    if (token === undefined) return INACTIVE;
    const reason = judgeToken(token, caller.audiences);
    if (reason === undefined) {
      const recording = recordAccess(store, token, caller.id);
      return recording?.then(() => activeAnswer(token, issuer)) ?? activeAnswer(token, issuer);
    }
    const refusal = { token, reason, resourceServerId: caller.id, requestId };
    return recordIntrospectionRefusal(store, refusal).then(() => INACTIVE);
  };

  const replyTo = async (request: IncomingMessage, response: ServerResponse, requestId: string) => {
    const form = await readForm(request, MAX_BYTES);
    if (form === undefined) return UNREADABLE;
    const header = request.headers.authorization ?? '';
    const token = onlyValue(form, 'token');
    const credentials = credentialsIn(header, form);
    if (typeof credentials === 'string') return refusal(400, 'invalid_request', credentials);
    const asked = await ask({ ...credentials, token: token ?? '', requestId });
    if (typeof asked === 'string') return refuseCaller(asked, header);
    if ((credentials.clientId ?? asked.caller.id) !== asked.caller.id) return OTHER_CLIENT;
    if (token === undefined) return NO_TOKEN;
    const judged = judge(asked, requestId);
    const answer = typeof judged === 'string' ? judged : await judged;
    const good = { status: 200, headers: VARY, outcome: answer === INACTIVE ? 'inactive' : 'active' };
    if (!wantsSigned(request, response)) return { ...good, type: JSON_TYPE, body: answer };
    const about = { issuer, audience: asked.caller.id, now: Date.now() };
    const body = await signedAnswer(options.sign, about, JSON.parse(answer));
    return { ...good, type: SIGNED_TYPE, body };
  };

  return {
    takes: (request) => request.method === 'POST' && isFor(path, request.url) && isForHost(request, host),
    answer: async (request, response) => {
      const started = process.hrtime.bigint();
      const requestId = requestIdFor(request.headers['x-request-id']);
      let reply: Reply;
      try {
        reply = await replyTo(request, response, requestId);
      } catch (error) {
        // Who comes when too much waits is no fault of ours to find.
        if (!(error instanceof BusyError)) log.error({ err: error as Error }, 'a request failed');
        reply = faultReply(error);
      }
      send(response, reply, requestId);
      const { status, outcome } = reply;
      observer.answered({ request, requestId, route: path, status, ms: msSince(started), outcome });
    },
  };
}

const VARY = ['Vary', 'Accept'] as const;

const isFor = (path: string, url = '') => url === path || url.startsWith(`${path}?`);

/** RFC 6749 §5.2 for a resource server, RFC 6750 §3 for a token. */
function refuseCaller(reason: keyof typeof refusals, header: string): Reply {
  // RFC 6749 §5.2: who may not authenticate hears the same as who is not known.
  const told = reason === 'resource_server_suspended' ? 'resource_server_unknown' : reason;
  const { error, status, text } = refusals[told];
  const basic = 'Basic realm="introspection", charset="UTF-8"';
  const bearer = `Bearer realm="introspection", error="${error}"`;
  const challenge = bearerToken(header) === undefined ? basic : bearer;
  return { ...refusal(status, error, text), headers: ['WWW-Authenticate', challenge] };
}

function refusal(status: number, error: string, description: string): Reply {
  return { ...json(status, { error, error_description: description }), outcome: error };
}

function faultReply(error: unknown): Reply {
  const { status, body, retryAfter } = faultAnswer(error);
  const headers = retryAfter === undefined ? [] : ['Retry-After', retryAfter];
  return { ...json(status, body), headers, outcome: body.error };
}
