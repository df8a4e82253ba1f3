// Our app records as the provider's clients: read-only here, whatever their standing, so that they get the right refusal.
import type { IncomingMessage } from 'node:http';
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';
import type { App } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import type { Secrets } from '../store/secrets.ts';
import { assertionFaults, circumstances, readAssertion } from './client-assertion.ts';
import type { ClientKeys } from './client-keys.ts';
import { authenticates, mustSpendDecoy, spendDecoy } from './client-secrets.ts';
import { clientMetadata, credentials, readApp, registeredMetadata } from './clients.ts';
import type { PublicKey } from './key-set.ts';
import { PolicyRefusal } from './refusals.ts';
import { refusing } from './unsupported.ts';

export interface ClientDeps {
  readonly issuer: string;
  readonly secrets: Secrets;
  readonly keys: ClientKeys;
  /** Which block of addresses a request comes from. */
  readonly networkOf: (request: IncomingMessage) => string;
}

export function clientAdapter(store: Store, { issuer, secrets, keys }: ClientDeps): Adapter {
  const publishedKeys = publishedKeysOf(issuer, keys);
  return {
    ...refusing,
    find: async (id) => {
      const app = await readApp(store, id);
      const proves = app !== undefined && canProve(app);
      if (mustSpendDecoy(proves ? app : undefined)) await spendDecoy(secrets);
      if (app === undefined) return undefined;
      // Elsewhere it is told, or may show a person, what is wrong with it.
      if (!proves && authenticates()) throw new PolicyRefusal('credential_none', undefined, app.id);
      const published = app.jwksUri === null ? undefined : await publishedKeys(app);
      const metadata = published === undefined ? registeredMetadata(app) : clientMetadata(app, published);
      return metadata as unknown as AdapterPayload;
    },
  };
}

// Whoever has nothing live that its method needs is nobody where it must prove who it is.
const canProve = (app: App): boolean =>
  app.authMethod === 'none' ||
  (app.authMethod === 'private_key_jwt' && app.jwksUri !== null) ||
  credentials(app).length > 0;

/** The keys at a client's jwks_uri, when it has just shown an assertion that is right in all but its signature. */
function publishedKeysOf(issuer: string, keys: ClientKeys) {
  return async (app: App): Promise<readonly PublicKey[] | undefined> => {
    const { ctx } = Provider;
    const shown = ctx?.oidc.params?.client_assertion;
    if (ctx === undefined || app.jwksUri === null || typeof shown !== 'string') return undefined;
    const assertion = readAssertion(shown);
    if (assertion?.claims.sub !== app.id) return undefined;
    const { id: clientId, profile, jwksUri } = app;
    const [fault] = assertionFaults(assertion, { clientId, profile, jwksUri, ...circumstances(ctx, issuer) });
    if (fault !== undefined) throw new PolicyRefusal('assertion_unacceptable', fault.text, app.id);
    const found = await keys.at(app.jwksUri, assertion.header);
    if (found === undefined) throw new PolicyRefusal('client_keys_unavailable', undefined, app.id);
    return found;
  };
}
