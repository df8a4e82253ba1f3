// /register: dynamic client registration (RFC 7591) and its management (RFC 7592), and /api/v1: the commands of the
// registry for machines. Both speak JSON, know bearer tokens only, and decide nothing: the registry does.
import Router from '@koa/router';
import type { Context } from 'koa';
import { type Reason, refusals } from '../errors.ts';
import { findAppFor } from '../registry/app-records.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { registrarOf } from '../registry/initial-access-tokens.ts';
import { type Fault, RegistryRefusal } from '../registry/refusal.ts';
import { type Registration, registrationOf } from '../registry/registrations.ts';
import { findApp } from '../store/apps.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Secrets } from '../store/secrets.ts';
import type { Translate } from '../web/messages.ts';
import { noStore } from '../web/no-store.ts';
import { requestId } from '../web/request-context.ts';
import { bearerToken } from './bearer.ts';
import { clientInformation, REGISTER_PATH, secretMembers } from './client-information.ts';
import { readJsonBody } from './json-body.ts';
import { refusedAnswer } from './refused.ts';
import { endRegistration, register, replaceRegistration, UsedUp } from './register.ts';

type Members = Readonly<Record<string, unknown>>;
type About = { readonly organizationId: string; readonly appId?: string };

interface RegistrationOptions {
  readonly registry: RegistryDeps;
  readonly secrets: Secrets;
  /** English. */
  readonly t: Translate;
}

export function registrationRoutes({ registry: deps, secrets, t }: RegistrationOptions): Router {
  const { store, settings } = deps;
  const router = new Router();
  const shown = { store, issuer: settings.issuer, t };

  const refuse = async (ctx: Context, about: About, reason: Reason, faults: readonly Fault[] = []) => {
    const answer = refusedAnswer(t, reason, faults);
    // RFC 7591 §3.2.2.
    const isAddress = faults.some(({ field }) => field.split('.')[0] === 'redirect_uris');
    const isStatement = faults.some(({ field }) => field === 'software_statement');
    const error = isStatement
      ? 'invalid_software_statement'
      : isAddress
        ? 'invalid_redirect_uri'
        : answer.error;
    const got = faults.map(({ field, code }) => `${field} ${code}`).join(', ');
    const diagnosis = { code: reason, ...(got === '' ? {} : { got: got.slice(0, 500) }) };
    const event = { type: 'registration.refused', reason, detail: { error, diagnosis } } as const;
    await appendAuditEvent(store.prisma, { ...event, ...about }, requestId());
    ctx.status = refusals[reason].status;
    ctx.body = { ...answer, error };
  };

  const attempt = async (ctx: Context, about: About, work: () => Promise<void>) => {
    try {
      await work();
    } catch (cause) {
      if (cause instanceof UsedUp) return unauthorized(ctx);
      if (!(cause instanceof RegistryRefusal)) throw cause;
      await refuse(ctx, about, cause.reason, cause.faults);
    }
  };

  /** The body, or an answer that there is none. */
  const bodyOf = async (ctx: Context, about: About): Promise<Members | undefined> => {
    const body = await readJsonBody(ctx);
    if (body === undefined) await refuse(ctx, about, 'input_invalid', [{ field: '', code: 'not_an_object' }]);
    return body;
  };

  router.post(REGISTER_PATH, noStore, async (ctx) => {
    const token = bearerToken(ctx);
    const registrar = token === undefined ? undefined : await registrarOf(deps, token);
    const organizationId = registrar?.actor.organizationId;
    // Nobody registers anonymously.
    if (registrar === undefined || organizationId == null) return unauthorized(ctx);
    const about = { organizationId };
    const body = await bodyOf(ctx, about);
    if (body === undefined) return;
    await attempt(ctx, about, async () => {
      const { appId, token: managing, secret } = await register(deps, registrar, body);
      ctx.status = 201;
      ctx.body = {
        ...(await clientInformation(shown, await findAppFor(deps, registrar.actor, appId))),
        ...{ registration_access_token: managing, ...(secret && secretMembers(secret)) },
      };
    });
  });

  type Known = Registration & { readonly actor: NonNullable<Registration['actor']> };
  const withRegistration = (work: (ctx: Context, registration: Known, about: About) => Promise<void>) => {
    return async (ctx: Context & { readonly params: Record<string, string> }) => {
      const token = bearerToken(ctx);
      const found =
        token === undefined ? undefined : await registrationOf(deps, token, ctx.params.clientId ?? '');
      // Who answers for it has left: nobody acts for it.
      if (found?.actor === undefined) return unauthorized(ctx);
      const { actor, appId, organizationId } = found;
      const about = { appId, organizationId };
      await attempt(ctx, about, () => work(ctx, { ...found, actor }, about));
    };
  };
  const path = `${REGISTER_PATH}/:clientId`;

  router.get(
    path,
    noStore,
    withRegistration(async (ctx, { appId, actor }) => {
      ctx.body = await clientInformation(shown, await findAppFor(deps, actor, appId));
    }),
  );

  router.put(
    path,
    noStore,
    withRegistration(async (ctx, { appId, actor }, about) => {
      const body = await bodyOf(ctx, about);
      if (body === undefined) return;
      const faults = await identityFaults(appId, body);
      if (faults.length > 0) return refuse(ctx, about, 'input_invalid', faults);
      const secret = await replaceRegistration(deps, actor, appId, body);
      ctx.body = {
        ...(await clientInformation(shown, await findAppFor(deps, actor, appId))),
        ...(secret && secretMembers(secret)),
      };
    }),
  );

  router.delete(
    path,
    noStore,
    withRegistration(async (ctx, { appId, actor }) => {
      await endRegistration(deps, actor, appId);
      ctx.status = 204;
    }),
  );

  /** RFC 7592 §2.2: the client is the one that the address names, and draws no secret of its own. */
  const identityFaults = async (appId: string, body: Members): Promise<Fault[]> => {
    const { client_id: named, client_secret: secret } = body;
    if (named === undefined) return [{ field: 'client_id', code: 'required' }];
    if (named !== appId) return [{ field: 'client_id', code: 'not_one_of' }];
    if (secret === undefined || secret === null) return [];
    const keys = (await findApp(store, appId))?.keys ?? [];
    const hashes = keys.flatMap(({ secretHash }) => secretHash ?? []);
    const isRight = typeof secret === 'string' && (await secrets.rightHash(secret, hashes)) !== undefined;
    return isRight ? [] : [{ field: 'client_secret', code: 'not_one_of' }];
  };
  return router;
}

/** RFC 6750 §3.1: whoever sent no token hears no error code in the header. */
function unauthorized(ctx: Context): void {
  const { error, status, text: error_description } = refusals.token_unknown;
  const code = ctx.get('Authorization') === '' ? '' : `, error="${error}"`;
  ctx.set('WWW-Authenticate', `Bearer realm="registration"${code}`);
  ctx.status = status;
  ctx.body = { error, error_description };
}
