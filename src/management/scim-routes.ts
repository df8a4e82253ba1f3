import Router from '@koa/router';
import type { Context } from 'koa';
import type { RegistryDeps } from '../registry/deps.ts';
import {
  changeInDirectory,
  type DirectoryChange,
  findInDirectory,
  listDirectory,
  removeFromDirectory,
} from '../registry/provisioning.ts';
import { RegistryRefusal } from '../registry/refusal.ts';
import { actorOfScimToken, type ScimActor } from '../registry/scim-tokens.ts';
import { countTry } from '../store/try-counts.ts';
import { isUnavailable } from '../store/unavailable.ts';
import { bodyReader } from '../web/body.ts';
import { noStore } from '../web/no-store.ts';
import { bearerToken } from './bearer.ts';
import { readJsonBody } from './json-body.ts';
import { listResponse, resourceTypes, schemas, serviceProviderConfig } from './scim-discovery.ts';
import { faultOf, SCIM_TYPE, ScimFault, scimError } from './scim-fault.ts';
import { patchIn } from './scim-patch.ts';
import { filterIn, pageIn, replacementIn, userResource } from './scim-user.ts';

const PATH = '/scim/v2';
/** In an hour, of one token: a directory of some thousands can be read and kept up to date. */
const REQUESTS_MAX = 6_000;

const readScim = bodyReader('json', '64kb', [SCIM_TYPE]);

export function scimRoutes(deps: RegistryDeps): Router {
  const base = `${deps.settings.issuer}${PATH}`;
  const router = new Router({ prefix: PATH });

  const answer = (ctx: Context, status: number, body: object) => {
    ctx.status = status;
    ctx.body = JSON.stringify(body);
    ctx.type = SCIM_TYPE;
  };

  router.use(noStore, async (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    try {
      await next();
    } catch (cause) {
      const fault = cause instanceof RegistryRefusal ? faultOf(cause) : scimFaultOf(cause);
      if (fault === undefined) throw cause;
      if (fault.status === 401) {
        // RFC 6750 §3.1: whoever sent no token hears no error code in the header.
        const code = ctx.get('Authorization') === '' ? '' : ', error="invalid_token"';
        ctx.set('WWW-Authenticate', `Bearer realm="scim"${code}`);
      }
      if (fault.status === 429) ctx.set('Retry-After', '3600');
      if (fault.status === 503) ctx.set('Retry-After', '5');
      answer(ctx, fault.status, scimError(fault));
    }
  });

  const caller = async (ctx: Context): Promise<ScimActor> => {
    const token = bearerToken(ctx);
    const actor = token === undefined ? undefined : await actorOfScimToken(deps, token);
    if (actor === undefined) throw new ScimFault(401, 'a live token of an organization is needed');
    if ((await countTry(deps.store, `scim:${actor.tokenId}`)) > REQUESTS_MAX)
      throw new ScimFault(429, `more than ${REQUESTS_MAX} requests in an hour`);
    return actor;
  };

  const bodyOf = async (ctx: Context) => {
    const body = await readJsonBody(ctx, readScim);
    if (body === undefined)
      throw new ScimFault(
        400,
        `the body must be a JSON object of ${SCIM_TYPE}, 64 kB at most`,
        'invalidSyntax',
      );
    return body;
  };

  const fixed = (path: string, body: object | readonly (object & { readonly id: string })[]) => {
    router.get(path, async (ctx) => {
      await caller(ctx);
      answer(ctx, 200, Array.isArray(body) ? listResponse(body) : body);
    });
    if (!Array.isArray(body)) return;
    router.get(`${path}/:id`, async (ctx) => {
      await caller(ctx);
      const one = body.find(({ id }) => id === ctx.params.id);
      if (one === undefined) throw new ScimFault(404, 'there is no such resource');
      answer(ctx, 200, one);
    });
  };
  fixed('/ServiceProviderConfig', serviceProviderConfig(base));
  fixed('/ResourceTypes', resourceTypes(base));
  fixed('/Schemas', schemas(base));

  router.get('/Users', async (ctx) => {
    const actor = await caller(ctx);
    const [filter, page] = [filterIn(ctx.query.filter), pageIn(ctx.query)];
    const { total, rows } = await listDirectory(deps, actor, filter, page);
    const users = rows.map((person) => userResource(base, person));
    answer(ctx, 200, listResponse(users, total, page.startIndex));
  });

  router.get('/Users/:id', async (ctx) => {
    const person = await findInDirectory(deps, await caller(ctx), idOf(ctx));
    answer(ctx, 200, userResource(base, person));
  });

  router.post('/Users', async (ctx) => {
    await caller(ctx);
    throw new ScimFault(403, 'people are invited by an owner of the organization: a directory makes nobody');
  });

  for (const [method, changeIn] of [
    ['put', replacementIn],
    ['patch', patchIn],
  ] as const) {
    router[method]('/Users/:id', async (ctx) => {
      const actor = await caller(ctx);
      const change: DirectoryChange = changeIn(await bodyOf(ctx));
      const person = await changeInDirectory(deps, actor, idOf(ctx), change);
      answer(ctx, 200, userResource(base, person));
    });
  }

  router.delete('/Users/:id', async (ctx) => {
    await removeFromDirectory(deps, await caller(ctx), idOf(ctx));
    ctx.status = 204;
  });

  for (const path of ['/Bulk', '/Me', '/.search', '/Users/.search']) {
    router.all(path, async (ctx) => {
      await caller(ctx);
      throw new ScimFault(501, 'this is not supported: see ServiceProviderConfig');
    });
  }

  router.all('/{*rest}', async (ctx) => {
    await caller(ctx);
    throw new ScimFault(404, 'there is no such resource');
  });
  return router;
}

const idOf = ({ params }: { readonly params: Readonly<Record<string, string>> }): string => params.id ?? '';

const scimFaultOf = (cause: unknown): ScimFault | undefined => {
  if (cause instanceof ScimFault) return cause;
  return isUnavailable(cause) ? new ScimFault(503, 'try again in a few seconds') : undefined;
};
