// An interaction as the patient's pages see it: read it, then sign in, agree or decline.
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { type NewConsent, recordConsent } from '../store/consents.ts';
import type { Store } from '../store/database.ts';
import { consumePayload } from '../store/oidc-payloads.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { PHISHING_RESISTANT } from './endpoints.ts';
import { userinfoOf } from './login-only.ts';

export interface Prompt {
  readonly uid: string;
  readonly name: string;
  readonly clientId: string;
  readonly accountId: string | undefined;
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string | undefined;
  readonly redirectUri: string;
  readonly uiLocales: string | undefined;
}

export type Agreement = Omit<NewConsent, 'grantId' | 'appId' | 'accountId' | 'audience' | 'requestedScope'>;

export interface Prompts {
  read(ctx: Context): Promise<Prompt>;
  /** Each answers with the address to go on to. */
  signedIn(ctx: Context, accountId: string, amr: readonly string[]): Promise<string>;
  agreed(ctx: Context, prompt: Prompt, agreement: Agreement): Promise<string>;
  declined(ctx: Context, prompt: Prompt): Promise<string>;
  /** Lets someone else go on with the same request: the caller ends the session. */
  forgotten(ctx: Context): Promise<string>;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export function createPrompts(provider: Provider, store: Store): Prompts {
  const hasCookie = (ctx: Context) =>
    ctx.cookies.get(provider.cookieName('interaction'), { signed: false }) !== undefined;

  const details = async (ctx: Context) => {
    try {
      return await provider.interactionDetails(ctx.req, ctx.res);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      throw new PageError(400, hasCookie(ctx) ? 'expired' : 'another-browser');
    }
  };

  const read = async (ctx: Context): Promise<Prompt> => {
    const { uid, prompt, params, session } = await details(ctx);
    if (ctx.params.uid !== uid) throw new PageError(400, 'expired');
    return {
      uid,
      name: prompt.name,
      clientId: String(params.client_id),
      accountId: session?.accountId,
      audience: text(params.resource) ?? userinfoOf(provider.issuer),
      scope: text(params.scope) ?? '',
      purpose: text(params.purpose_of_use),
      redirectUri: String(params.redirect_uri),
      uiLocales: text(params.ui_locales),
    };
  };

  // A decision is taken once, however often its form is sent.
  const decideOnce = async ({ uid }: Prompt) => {
    if (!(await consumePayload(store, 'Interaction', uid))) throw new PageError(400, 'expired');
  };

  return {
    read,
    signedIn: (ctx, accountId, amr) =>
      provider.interactionResult(ctx.req, ctx.res, {
        login: { accountId, amr: [...amr], acr: PHISHING_RESISTANT },
      }),
    declined: async (ctx, prompt) => {
      await decideOnce(prompt);
      const refusal = { error: 'access_denied', error_description: 'the patient declined' };
      return provider.interactionResult(ctx.req, ctx.res, refusal, { mergeWithLastSubmission: false });
    },
    forgotten: async (ctx) => {
      const interaction = await details(ctx);
      interaction.session = undefined;
      await interaction.persist();
      return interaction.returnTo;
    },
    agreed: async (ctx, prompt, agreement) => {
      const { accountId, clientId, audience } = prompt;
      if (accountId === undefined) throw new PageError(400, 'expired');
      await decideOnce(prompt);
      const grant = new provider.Grant({ accountId, clientId });
      const scope = agreement.grantedScope;
      grant.addOIDCScope(scope);
      grant.addResourceScope(audience, scope);
      grant.exp = Math.floor(agreement.expiresAt.getTime() / 1_000);
      const grantId = await grant.save();
      const about = {
        grantId,
        accountId,
        appId: clientId,
        audience,
        requestedScope: prompt.scope,
      };
      await recordConsent(store, { ...agreement, ...about }, requestId());
      // What was narrowed becomes the request: the provider compares granted and asked scopes literally.
      const interaction = await details(ctx);
      interaction.params.scope = scope;
      await interaction.persist();
      return provider.interactionResult(ctx.req, ctx.res, { consent: { grantId } });
    },
  };
}
