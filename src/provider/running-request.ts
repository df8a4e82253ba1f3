import { Provider } from 'oidc-provider';
import { requestId, requestIdOf } from '../web/request-context.ts';

/** The id of the request that is running: one of the provider's own, or one of our pages. */
export const runningRequestId = (): string | undefined => {
  const { ctx } = Provider;
  return ctx === undefined ? requestId() : requestIdOf(ctx);
};
