import type { KoaContextWithOIDC } from 'oidc-provider';
import { withinContext } from '../smart/launch-context.ts';
import { formatScopes, parseScopes } from '../smart/scope.ts';
import type { Store } from '../store/database.ts';
import { useLaunch } from '../store/launch-contexts.ts';
import { textOf } from './parameters.ts';
import { PolicyRefusal } from './refusals.ts';
import { runningRequestId } from './running-request.ts';

/** SMART app-launch, "Obtain authorization code": `launch` is the EHR's own value, and is used up by one request. */
export function acceptLaunch(store: Store) {
  return async ({ oidc }: KoaContextWithOIDC, value: string | undefined): Promise<void> => {
    if (value === undefined) return;
    const { params = {}, client } = oidc;
    const launch = { value, appId: client?.clientId ?? '', fhirBaseUrl: textOf(params.aud) ?? '' };
    const used = await useLaunch(store, launch, runningRequestId());
    if (used === undefined) throw new PolicyRefusal('launch_unknown');
    // What follows knows the launch by the hash of its value.
    params.launch = used.id;
    const scopes = withinContext(used.context, parseScopes(textOf(params.scope) ?? '').scopes);
    if (!scopes.some((scope) => scope.kind === 'resource' || scope.kind === 'identity')) {
      throw new PolicyRefusal('scope_empty');
    }
    params.scope = formatScopes(scopes);
  };
}
