import { randomUUID } from 'node:crypto';
import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import Koa, { type Context, type Middleware, type Next } from 'koa';
import { decideAccess, type TokenFacts } from './fhir-access.ts';
import { capabilityStatement } from './fhir-capabilities.ts';
import { createIntrospection, type IntrospectionOptions } from './fhir-introspection.ts';
import { type IssueCode, operationOutcome } from './fhir-resource.ts';
import {
  findResource,
  type Parameter,
  parseSearch,
  searchBundle,
  searchParameters,
  searchResources,
} from './fhir-search.ts';
import { demoRecords } from './records.ts';

export interface FhirServerOptions extends IntrospectionOptions {
  readonly smartConfiguration: () => Promise<unknown>;
  /** `any` where there are invented patients only: developers' apps run anywhere. */
  readonly corsOrigins: readonly string[] | 'any';
}

const RETRY_AFTER_SECONDS = '2';

export function createFhirServer(options: FhirServerOptions): Koa {
  const { fhirBase } = options;
  const introspect = createIntrospection(options);

  async function authenticate(ctx: Context): Promise<TokenFacts | undefined> {
    const credentials = readBearer(ctx.get('authorization'));
    if (credentials === undefined) return challenge(ctx, 401, 'login', 'This needs an access token');
    if (credentials === 'malformed')
      return challenge(ctx, 400, 'invalid', 'The Authorization header is malformed', 'invalid_request');
    const answer = await introspect(credentials.token, ctx.state.requestId);
    if (answer.state === 'active') return answer.token;
    if (answer.state === 'inactive')
      return challenge(ctx, 401, 'login', 'The access token is not valid here', 'invalid_token');
    return unavailable(ctx, 'Whether the access token is valid cannot be told at this moment');
  }

  async function publicDocument(ctx: Context, type: string, build: (smart: unknown) => unknown) {
    const smart = await options.smartConfiguration().catch(() => undefined);
    if (smart === undefined) return unavailable(ctx, 'The authorization server cannot be reached');
    ctx.body = build(smart);
    ctx.type = type;
  }

  async function read(ctx: Context): Promise<void> {
    const token = await authenticate(ctx);
    if (!token) return;
    const { type, id } = ctx.params as { type: string; id: string };
    if (!searchParameters.has(type)) return refuse(ctx, 404, 'not-supported', 'This server has no such type');
    if (ctx.querystring !== '') return refuse(ctx, 400, 'invalid', 'A read takes no parameters');
    const access = decideAccess(token, { interaction: 'read', resourceType: type, filters: [] });
    if (!access.allowed) return insufficient(ctx);
    const resource = findResource(demoRecords, type, id);
    if (!resource) return refuse(ctx, 404, 'not-found', 'There is no such resource');
    if (!access.shows(resource)) return insufficient(ctx);
    respond(ctx, resource);
  }

  async function search(ctx: Context, parameters: readonly Parameter[]): Promise<void> {
    const token = await authenticate(ctx);
    if (!token) return;
    const { type } = ctx.params as { type: string };
    if (!searchParameters.has(type)) return refuse(ctx, 404, 'not-supported', 'This server has no such type');
    const asked = parseSearch(type, parameters);
    if ('fault' in asked) return refuse(ctx, 400, 'invalid', asked.fault);
    const access = decideAccess(token, { interaction: 'search', resourceType: type, filters: asked.filters });
    if (!access.allowed) return insufficient(ctx);
    respond(ctx, searchBundle(fhirBase, asked, searchResources(demoRecords, asked).filter(access.shows)));
  }

  const router = new Router({ prefix: new URL(fhirBase).pathname.replace(/\/$/, '') });
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

const queryOf = (ctx: Context): Parameter[] => [...new URLSearchParams(ctx.querystring)];
const formOf = (body: string | undefined): Parameter[] => [...new URLSearchParams(body ?? '')];

// RFC 6750 §2.1: the header is the only place a token is taken from
function readBearer(header: string): { token: string } | 'malformed' | undefined {
  if (!/^bearer(\s|$)/i.test(header)) return undefined;
  const [, token] = /^bearer +([A-Za-z0-9\-._~+/]{1,4096}=*)$/i.exec(header) ?? [];
  return token === undefined ? 'malformed' : { token };
}

function respond(ctx: Context, body: unknown): void {
  ctx.status = 200;
  ctx.body = body;
  ctx.type = 'application/fhir+json';
}

function refuse(ctx: Context, status: number, code: IssueCode, diagnostics: string): undefined {
  ctx.status = status;
  ctx.body = operationOutcome(code, diagnostics);
  ctx.type = 'application/fhir+json';
}

// RFC 6750 §3: no error code when no token was sent
function challenge(
  ctx: Context,
  status: number,
  code: IssueCode,
  diagnostics: string,
  error?: string,
): undefined {
  ctx.set('WWW-Authenticate', error ? `Bearer error="${error}"` : 'Bearer');
  return refuse(ctx, status, code, diagnostics);
}

const insufficient = (ctx: Context): undefined =>
  challenge(ctx, 403, 'forbidden', 'The access token does not reach this', 'insufficient_scope');

function unavailable(ctx: Context, diagnostics: string): undefined {
  ctx.set('Retry-After', RETRY_AFTER_SECONDS);
  return refuse(ctx, 503, 'transient', diagnostics);
}
