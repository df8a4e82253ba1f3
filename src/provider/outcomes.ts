// What requests came to, in a word for the metrics: the OAuth error; `ok`; of an authorization request also `asked`, when a
// person is asked first.
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { PATHS } from './endpoints.ts';

const SUCCEEDS: readonly string[] = [PATHS.token, PATHS.revocation, PATHS.userinfo];

/** Of the last event counts: what is asked for a second time is so after the first. */
export function tellOutcomes(provider: Provider): Middleware {
  const tell = (outcome: string) => (ctx: KoaContextWithOIDC) => {
    ctx.state.outcome = outcome;
  };
  provider.on('interaction.started', tell('asked'));
  provider.on('authorization.success', tell('ok'));
  provider.on('authorization.error', (ctx, { error }) => tell(error)(ctx));
  return async (ctx, next) => {
    await next();
    if (ctx.status < 300 && SUCCEEDS.includes(ctx.path)) ctx.state.outcome = 'ok';
  };
}
