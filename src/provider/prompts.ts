// An interaction as the patient's pages see it: read it, then sign in, agree or decline.
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { errors, type InteractionResults } from 'oidc-provider';
import type { IdentityLevel } from '../policy/identity-assurance.ts';
import { signInTime } from '../store/account-sessions.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import { recordConsent } from '../store/consents.ts';
import type { Store } from '../store/database.ts';
import { consumePayload } from '../store/oidc-payloads.ts';
import { PageError } from '../web/page-error.ts';
import { PHISHING_RESISTANT } from './endpoints.ts';
import { userinfoOf } from './login-only.ts';
import { textOf } from './parameters.ts';
import type { Agreement, Prompt, Prompts, Refusal } from './prompt.ts';
import { runningRequestId } from './running-request.ts';
import { endOneSession } from './session-ends.ts';

export type { Agreement, Prompt, Prompts } from './prompt.ts';

const DECLINED: Refusal = { error: 'access_denied', error_description: 'the patient declined' };

interface Chosen {
  readonly representationId: string | null;
}

export function createPrompts(provider: Provider, store: Store): Prompts {
  const hasCookie = (ctx: Context) =>
    ctx.cookies.get(provider.cookieName('interaction'), { signed: false }) !== undefined;

  const find = async (ctx: Context) => {
    try {
      return await provider.interactionDetails(ctx.req, ctx.res);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      throw new PageError(400, hasCookie(ctx) ? 'expired' : 'another-browser');
    }
  };

  // Found once a request, with the session that it belongs to.
  const found = new WeakMap<object, ReturnType<typeof find>>();
  const details = (ctx: Context) => {
    const finding = found.get(ctx.req) ?? find(ctx);
    found.set(ctx.req, finding);
    return finding;
  };

  const read = async (ctx: Context): Promise<Prompt> => {
    const { uid, prompt, params, session, lastSubmission } = await details(ctx);
    if (ctx.params.uid !== uid) throw new PageError(400, 'expired');
    return {
      uid,
      name: prompt.name,
      clientId: String(params.client_id),
      accountId: session?.accountId,
      audience: textOf(params.resource) ?? userinfoOf(provider.issuer),
      loginOnly: textOf(params.resource) === undefined,
      scope: textOf(params.scope) ?? '',
      purpose: textOf(params.purpose_of_use),
      redirectUri: String(params.redirect_uri),
      uiLocales: textOf(params.ui_locales),
      launchId: textOf(params.launch),
      level: prompt.details.level as IdentityLevel | undefined,
      representationId: textOf((lastSubmission?.launch_context as Chosen | undefined)?.representationId),
    };
  };

  // A decision is taken once, however often its form is sent.
  const decideOnce = async ({ uid }: Prompt) => {
    if (!(await consumePayload(store, 'Interaction', uid))) throw new PageError(400, 'expired');
  };

  /** Two people never share a session, nor does one inherit what lives with the session of the other. */
  const endSessionOfAnother = async (ctx: Context, accountId: string) => {
    const session = await provider.Session.get(ctx as never);
    if (session.accountId === undefined || session.accountId === accountId) return;
    const interaction = await details(ctx);
    interaction.session = undefined;
    await interaction.persist();
    await endOneSession(provider, store, session);
  };

  const record = async (prompt: Prompt, accountId: string, agreement: Agreement) => {
    const { clientId, audience } = prompt;
    await decideOnce(prompt);
    const grant = new provider.Grant({ accountId, clientId });
    const scope = agreement.grantedScope;
    grant.addOIDCScope(scope);
    grant.addResourceScope(audience, scope);
    grant.exp = Math.floor(agreement.expiresAt.getTime() / 1_000);
    const grantId = await grant.save();
    const about = { grantId, accountId, appId: clientId, audience, requestedScope: prompt.scope };
    await recordConsent(store, { ...agreement, ...about }, runningRequestId());
    return { grantId };
  };

  /** As the provider goes on with a result, and in the same step what was narrowed becomes the request: it compares
   * granted and asked scopes literally. */
  const goOn = async (ctx: Context, scope: string, result: InteractionResults) => {
    const interaction = await details(ctx);
    interaction.params.scope = scope;
    interaction.result = { ...interaction.lastSubmission, ...result };
    await interaction.persist();
    return interaction.returnTo;
  };

  return {
    read,
    signedIn: async (ctx, accountId, { passkeyId, amr }) => {
      await endSessionOfAnother(ctx, accountId);
      // OpenID Connect Core §2, auth_time: when she signed in, however long the pages after it take.
      const ts = await signInTime(store);
      const login = { accountId, passkeyId, amr: [...amr], acr: PHISHING_RESISTANT, ts };
      return provider.interactionResult(ctx.req, ctx.res, { login });
    },
    declined: async (ctx, prompt, about, refusal = DECLINED) => {
      await decideOnce(prompt);
      const event = { type: 'consent.denied', appId: prompt.clientId, ...about } as const;
      await appendAuditEvent(store.prisma, event, runningRequestId());
      return provider.interactionResult(ctx.req, ctx.res, { ...refusal }, { mergeWithLastSubmission: false });
    },
    forgotten: async (ctx) => {
      const interaction = await details(ctx);
      interaction.session = undefined;
      // A decision whose answer was lost on the way signs nobody in again.
      interaction.result = undefined;
      await interaction.persist();
      return interaction.returnTo;
    },
    resumed: (ctx) => provider.interactionResult(ctx.req, ctx.res, {}),
    signedInMeanwhile: async (ctx) => {
      const { prompt, session } = await details(ctx);
      const waits = session === undefined && prompt.reasons.every((reason) => reason === 'no_session');
      const { accountId } = await provider.Session.get(ctx as never);
      if (!waits || accountId === undefined) return undefined;
      return provider.interactionResult(ctx.req, ctx.res, {});
    },
    chosePatient: (ctx, representationId) => {
      const launch_context: Chosen = { representationId };
      return provider.interactionResult(ctx.req, ctx.res, { launch_context });
    },
    agreed: async (ctx, prompt, agreement) => {
      if (prompt.accountId === undefined) throw new PageError(400, 'expired');
      const consent = await record(prompt, prompt.accountId, agreement);
      return goOn(ctx, agreement.grantedScope, { consent });
    },
    launched: async (ctx, prompt, accountId, agreement) => {
      const consent = await record(prompt, accountId, agreement);
      await endSessionOfAnother(ctx, accountId);
      // An EHR's session is not ours to keep: the cookie ends with the browser.
      const login = { accountId, remember: false };
      return goOn(ctx, agreement.grantedScope, { ehr_launch: {}, login, consent });
    },
  };
}
