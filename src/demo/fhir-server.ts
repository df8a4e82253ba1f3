import { randomUUID } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import Koa, { type Context, type Middleware, type Next } from 'koa';
import { seeOther } from '../web/see-other.ts';
import { challenge, denied, insufficient, refuse, respond, unavailable } from './fhir-answers.ts';
import { capabilityStatement } from './fhir-capabilities.ts';
import { createCounts, mayCount } from './fhir-counts.ts';
import { createDecisions, type DecisionOptions, type Question } from './fhir-decisions.ts';
import { type Duties, dutiesOf } from './fhir-obligations.ts';
import {
  findResource,
  type Parameter,
  parseSearch,
  searchBundle,
  searchParameters,
  searchResources,
} from './fhir-search.ts';
import { demoRecords } from './records.ts';

export interface FhirServerOptions extends DecisionOptions {
  readonly issuer: string;
  readonly smartConfiguration: () => Promise<unknown>;
  /** Its own log, where decisions ask for an entry. */
  readonly log: (line: string) => void;
  /** `any` where there are invented patients only: developers' apps run anywhere. */
  readonly corsOrigins: readonly string[] | 'any';
}

type About = Omit<Question, 'requestId' | 'network'>;

export function createFhirServer(options: FhirServerOptions): Koa {
  const { fhirBase } = options;
  const decide = createDecisions(options);
  const count = createCounts(options);

  /** Undefined: there is none, and that was answered. */
  function bearerOf(ctx: Context): string | undefined {
    const credentials = readBearer(ctx.get('authorization'));
    if (credentials === undefined) return challenge(ctx, 401, 'login', 'This needs an access token');
    if (credentials === 'malformed')
      return challenge(ctx, 400, 'invalid', 'The Authorization header is malformed', 'invalid_request');
    return credentials.token;
  }

  /** Undefined: it may not, and that was answered. */
  async function decided(ctx: Context, about: About): Promise<Duties | undefined> {
    const { requestId } = ctx.state as { requestId: string };
    const decision = await decide({ ...about, requestId, network: ctx.ip });
    if (decision.state === 'unknown')
      return unavailable(ctx, 'Whether this is allowed cannot be told at this moment');
    if (decision.state === 'denied') return denied(ctx, decision.challenge);
    const duties = dutiesOf(decision.obligations);
    if (duties === undefined)
      return refuse(ctx, 403, 'forbidden', 'What is asked for beside the answer is beyond this server');
    for (const word of duties.logs)
      options.log(`${requestId}: ${about.interaction} of ${about.resourceType}, to be logged as ${word}`);
    return duties;
  }

  async function publicDocument(ctx: Context, type: string, build: (smart: unknown) => unknown) {
    const smart = await options.smartConfiguration().catch(() => undefined);
    if (smart === undefined) return unavailable(ctx, 'The authorization server cannot be reached');
    ctx.body = build(smart);
    ctx.type = type;
  }

  async function read(ctx: Context): Promise<void> {
    const accessToken = bearerOf(ctx);
    if (accessToken === undefined) return;
    const { type, id } = ctx.params as { type: string; id: string };
    if (!searchParameters.has(type)) return refuse(ctx, 404, 'not-supported', 'This server has no such type');
    if (ctx.querystring !== '') return refuse(ctx, 400, 'invalid', 'A read takes no parameters');
    if (!ID.test(id)) return refuse(ctx, 404, 'not-found', 'There is no such resource');
    const resource = findResource(demoRecords, type, id);
    const duties = await decided(ctx, { accessToken, interaction: 'read', resourceType: type, id, resource });
    if (!duties) return;
    if (!resource) return refuse(ctx, 404, 'not-found', 'There is no such resource');
    if (!duties.shows(resource)) return insufficient(ctx);
    respond(ctx, resource);
  }

  async function search(ctx: Context, parameters: readonly Parameter[]): Promise<void> {
    const accessToken = bearerOf(ctx);
    if (accessToken === undefined) return;
    const { type } = ctx.params as { type: string };
    if (!searchParameters.has(type)) return refuse(ctx, 404, 'not-supported', 'This server has no such type');
    if (mayCount(accessToken, parameters)) {
      const total = await count(accessToken, type, parameters);
      if (total === undefined) return denied(ctx, { status: 403, error: 'insufficient_scope' });
      return respond(ctx, { resourceType: 'Bundle', type: 'searchset', total });
    }
    const asked = parseSearch(type, parameters);
    if ('fault' in asked) return refuse(ctx, 400, 'invalid', asked.fault);
    const found = searchResources(demoRecords, asked);
    const most = Math.min(found.length, asked.count);
    const about = { interaction: 'search', resourceType: type, parameters, count: most } as const;
    const duties = await decided(ctx, { accessToken, ...about });
    if (!duties) return;
    const shown = found.filter((resource) => duties.shows(resource));
    respond(ctx, searchBundle(fhirBase, asked, shown));
  }

  const router = new Router({ prefix: new URL(fhirBase).pathname.replace(/\/$/, '') });
  // The base itself is no resource; who opens the link of it in a browser sees what is there.
  router.get('/', (ctx) => seeOther(ctx, `${fhirBase}/metadata`));
  router.get('/metadata', (ctx) =>
    publicDocument(ctx, 'application/fhir+json', (smart) => capabilityStatement(fhirBase, smart)),
  );
  router.get('/.well-known/smart-configuration', (ctx) =>
    publicDocument(ctx, 'application/json', (smart) => smart),
  );
  router.get('/:type', (ctx) => search(ctx, queryOf(ctx)));
  router.post('/:type/_search', bodyParser({ enableTypes: ['form'], formLimit: '16kb' }), (ctx) =>
    search(ctx, [...queryOf(ctx), ...formOf(ctx.request.rawBody)]),
  );
  router.get('/:type/:id', read);

  const app = new Koa();
  app.use(traced);
  app.use(crossOrigin(options.corsOrigins));
  app.use(outcomes);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

const traced: Middleware = async (ctx: Context, next: Next) => {
  const given = ctx.get('x-request-id');
  ctx.state.requestId = /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
  ctx.set({
    'X-Request-Id': ctx.state.requestId,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  await next();
};

// SMART App Launch 2.2 CORS: any origin for the two discovery documents, registered origins for data
function crossOrigin(origins: FhirServerOptions['corsOrigins']): Middleware {
  return async (ctx: Context, next: Next) => {
    const origin = ctx.get('origin');
    const isPublic = /\/(metadata|\.well-known\/smart-configuration)$/.test(ctx.path);
    const isOpen = isPublic || origins === 'any';
    const allowed = isOpen ? '*' : origins.find((registered) => registered === origin);
    if (!isOpen) ctx.vary('Origin');
    if (allowed !== undefined) {
      ctx.set('Access-Control-Allow-Origin', allowed);
      ctx.set('Access-Control-Expose-Headers', 'WWW-Authenticate, X-Request-Id, Retry-After');
    }
    if (ctx.method !== 'OPTIONS' || ctx.get('access-control-request-method') === '') return next();
    ctx.status = 204;
    if (allowed === undefined) return;
    ctx.set({
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'Authorization, Content-Type, Accept, Prefer, X-Request-Id',
      'Access-Control-Max-Age': '600',
    });
  };
}

// Whatever goes wrong is answered as an OperationOutcome that tells nothing of the inside.
const outcomes: Middleware = async (ctx: Context, next: Next) => {
  try {
    await next();
  } catch (error) {
    const status = (error as { status?: unknown }).status;
    if (typeof status === 'number' && status >= 400 && status < 500)
      return refuse(ctx, status, 'invalid', 'The request could not be read');
    ctx.app.emit('error', error, ctx);
    return refuse(ctx, 500, 'exception', 'Something went wrong here');
  }
  if (ctx.status === 405) refuse(ctx, 405, 'not-supported', 'This server only reads and searches');
  else if (ctx.status === 404 && !ctx.body) refuse(ctx, 404, 'not-found', 'There is nothing at this address');
};

/** FHIR R4 datatypes, id. */
const ID = /^[A-Za-z0-9\-.]{1,64}$/;

const queryOf = (ctx: Context): Parameter[] => [...new URLSearchParams(ctx.querystring)];
const formOf = (body: string | undefined): Parameter[] => [...new URLSearchParams(body ?? '')];

// RFC 6750 §2.1: the header is the only place a token is taken from
function readBearer(header: string): { token: string } | 'malformed' | undefined {
  if (!/^bearer(\s|$)/i.test(header)) return undefined;
  const [, token] = /^bearer +([A-Za-z0-9\-._~+/]{1,4096}=*)$/i.exec(header) ?? [];
  return token === undefined ? 'malformed' : { token };
}
