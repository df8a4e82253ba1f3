// RFC 7009 §2.2: to revoke what is no token (any more) succeeds. That says the same as the first time: it has ended for
// good; so it is answered no sooner.
import { confirmCommitted } from '../store/confirmed.ts';
import type { Store } from '../store/database.ts';
import type { Step } from './after-answer.ts';

export const confirmRepeated =
  (store: Store): Step =>
  (ctx) => {
    if (ctx.oidc?.route !== 'revocation' || ctx.status !== 200) return undefined;
    const { AccessToken, ClientCredentials, RefreshToken } = ctx.oidc.entities;
    const isFound = [AccessToken, ClientCredentials, RefreshToken].some((token) => token !== undefined);
    return isFound ? undefined : confirmCommitted(store);
  };
