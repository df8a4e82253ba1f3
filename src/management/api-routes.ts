import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { Context } from 'koa';
import { type Reason, refusals } from '../errors.ts';
import type { Actor } from '../policy/permissions.ts';
import { createAssertionCheck } from '../provider/assertion-check.ts';
import { actorOfApiToken, withPasskey } from '../registry/api-tokens.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { readInput, refuse } from '../registry/input.ts';
import { type Fault, RegistryRefusal } from '../registry/refusal.ts';
import type { Translate } from '../web/messages.ts';
import { noStore } from '../web/no-store.ts';
import { bearerToken } from './bearer.ts';
import { isKeepable, readJsonBody } from './json-body.ts';
import { openApiDocument } from './openapi.ts';
import { API_PATH, type Call, type Explained, type Operation } from './operation.ts';
import { operations } from './operations.ts';
import { faultAnswers, refusedAnswer } from './refused.ts';

interface ApiOptions {
  readonly registry: RegistryDeps;
  /** English. */
  readonly t: Translate;
}

export function apiRoutes({ registry: deps, t }: ApiOptions): Router {
  const { issuer } = deps.settings;
  const checkAssertion = createAssertionCheck({ issuer, store: deps.store, fetch: deps.fetch });
  const document = openApiDocument(issuer);
  const router = new Router({ prefix: API_PATH });

  const answerRefusal = (ctx: Context, reason: Reason, faults: readonly Fault[] = []) => {
    const answer = refusedAnswer(t, reason, faults);
    ctx.status = refusals[reason].status;
    // Most of what is read here is no client metadata.
    ctx.body = reason === 'input_invalid' ? { ...answer, error: 'invalid_request' } : answer;
  };

  router.use(noStore, async (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff');
    try {
      await next();
    } catch (cause) {
      if (!(cause instanceof RegistryRefusal)) throw cause;
      answerRefusal(ctx, cause.reason, cause.faults);
    }
  });

  router.get('/openapi.json', (ctx) => {
    ctx.body = document;
  });

  for (const operation of operations) {
    router[operation.method](operation.path.replace(/\{(\w+)\}/g, ':$1'), async (ctx) => {
      const token = bearerToken(ctx);
      const caller = token === undefined ? undefined : await actorOfApiToken(deps, token);
      if (caller === undefined) {
        // RFC 6750 §3.1: whoever sent no token hears no error code in the header.
        const code = ctx.get('Authorization') === '' ? '' : ', error="invalid_token"';
        ctx.set('WWW-Authenticate', `Bearer realm="management"${code}`);
        return answerRefusal(ctx, 'token_unknown');
      }
      const parameters = ctx.params as Readonly<Record<string, string>>;
      // U+0000 names nobody.
      if (!isKeepable(parameters)) return answerRefusal(ctx, 'record_unknown');
      const actor = await steppedUp(ctx, caller, operation);
      const call: Call<unknown> = {
        ...{ deps, actor, checkAssertion },
        at: (parameter) => parameters[parameter] ?? '',
        query: queryOf(ctx, operation),
        body: await bodyOf(ctx, operation),
        explained: (result) =>
          ({ ...result, faults: faultAnswers(t, result.faults) }) as Explained<typeof result>,
      };
      write(ctx, operation, await operation.run(call as Call<never>));
    });
  }

  async function steppedUp(ctx: Context, actor: Actor, { passkeyMinutes }: Operation): Promise<Actor> {
    if (passkeyMinutes === undefined) return actor;
    return withPasskey(deps, actor, passkeyMinutes).catch((refusal: unknown) => {
      if (!(refusal instanceof RegistryRefusal && refusal.reason === 'passkey_needed')) throw refusal;
      const challenge = `error="insufficient_user_authentication", max_age="${passkeyMinutes * 60}"`;
      // RFC 9470 §3.
      ctx.set('WWW-Authenticate', `Bearer realm="management", ${challenge}`);
      throw refusal;
    });
  }

  // What is below /api/v1 and none of these is for no page to answer.
  router.all('/{*rest}', (ctx) => answerRefusal(ctx, 'record_unknown'));
  return router;
}

function queryOf({ query }: Context, { query: schema }: Operation): unknown {
  const odd = Object.entries(query).find((entry) => !isKeepable(entry));
  return odd === undefined
    ? readInput(schema, { ...query })
    : refuse(odd[0].slice(0, 200), 'text_unprintable');
}

async function bodyOf(ctx: Context, { body: schema }: Operation): Promise<unknown> {
  const isSent =
    ctx.request.length !== 0 && (ctx.request.length !== undefined || ctx.get('Transfer-Encoding') !== '');
  if (schema === undefined) return isSent ? refuse('', 'unknown_field') : undefined;
  return (await readJsonBody(ctx)) ?? refuse('', 'not_an_object');
}

function write(ctx: Context, { status, answer, files }: Operation, result: unknown): void {
  ctx.status = status;
  if (files !== undefined) {
    const { type, text } = result as { readonly type: string; readonly text: AsyncIterable<string> };
    ctx.type = type;
    ctx.body = Readable.from(text);
  } else if (answer !== undefined) ctx.body = answer.parse(result);
}
