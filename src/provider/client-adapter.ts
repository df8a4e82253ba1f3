// Our app records as the provider's clients: read-only here, whatever their standing, so that they get the right refusal.
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';
import { type App, findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import type { Secrets } from '../store/secrets.ts';
import { assertionFault, circumstances, readAssertion } from './client-assertion.ts';
import type { ClientKeys } from './client-keys.ts';
import { SECRET_METHODS, spendDecoy } from './client-secrets.ts';
import { clientMetadata, registeredKeys, secretHashes } from './clients.ts';
import type { PublicKey } from './key-set.ts';
import { PolicyRefusal } from './refusals.ts';
import { refusing } from './unsupported.ts';

export interface ClientDeps {
  readonly issuer: string;
  readonly secrets: Secrets;
  readonly keys: ClientKeys;
}

export function clientAdapter(store: Store, { issuer, secrets, keys }: ClientDeps): Adapter {
  const publishedKeys = publishedKeysOf(issuer, keys);
  return {
    ...refusing,
    find: async (id) => {
      const found = await findApp(store, id);
      const app = found !== undefined && hasCredentials(found) ? found : undefined;
      await spendDecoy(secrets, app);
      if (app === undefined) return undefined;
      return clientMetadata(app, await publishedKeys(app)) as unknown as AdapterPayload;
    },
  };
}

// Whoever is registered without what the method needs is nobody.
function hasCredentials(app: App): boolean {
  if (SECRET_METHODS.includes(app.authMethod)) return secretHashes(app).length > 0;
  return app.authMethod !== 'private_key_jwt' || (app.jwksUri === null) === registeredKeys(app).length > 0;
}

/** The keys at a client's jwks_uri, when it has just shown an assertion that is right in all but its signature. */
function publishedKeysOf(issuer: string, keys: ClientKeys) {
  return async (app: App): Promise<readonly PublicKey[] | undefined> => {
    const { ctx } = Provider;
    const shown = ctx?.oidc.params?.client_assertion;
    if (ctx === undefined || app.jwksUri === null || typeof shown !== 'string') return undefined;
    const assertion = readAssertion(shown);
    if (assertion?.claims.sub !== app.id) return undefined;
    const { id: clientId, profile, jwksUri } = app;
    const fault = assertionFault(assertion, { clientId, profile, jwksUri, ...circumstances(ctx, issuer) });
    if (fault !== undefined) throw new PolicyRefusal('assertion_unacceptable', fault, app.id);
    const found = await keys.at(app.jwksUri, assertion.header);
    if (found === undefined) throw new PolicyRefusal('client_keys_unavailable', undefined, app.id);
    return found;
  };
}
