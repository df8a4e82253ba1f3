// oidc-provider as it comes, with introspection switched on: what everybody has who does no more.
import { generateKeyPairSync } from 'node:crypto';
import { type AdapterConstructor, type ClientMetadata, Provider } from 'oidc-provider';
import { FHIR_BASE, RESOURCE_SERVER, SCOPE } from './seed-registry.ts';

/** An entry of its memory, as its adapters are handed it. */
export interface StockEntry {
  readonly model: string;
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly expiresIn: number;
}

const TTL_S = 3_600;
const STOCK_APP = 'app-1';

export const stockClients: readonly ClientMetadata[] = [
  {
    client_id: RESOURCE_SERVER.id,
    client_secret: RESOURCE_SERVER.secret,
    token_endpoint_auth_method: 'client_secret_basic',
    ...{ redirect_uris: [], response_types: [], grant_types: [] },
  },
  {
    client_id: STOCK_APP,
    client_secret: 'the secret of the app, for benches only',
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: ['https://app1.example.org/cb'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
  },
];

export function createStock(
  issuer: string,
  adapter: AdapterConstructor,
  clients: readonly ClientMetadata[],
): Provider {
  return new Provider(issuer, {
    adapter,
    clients: [...clients],
    scopes: ['openid', 'offline_access', ...SCOPE.split(' ').filter((scope) => scope !== 'openid')],
    features: { introspection: { enabled: true }, devInteractions: { enabled: false } },
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['a key of the benches'] },
    ttl: { AccessToken: TTL_S, Grant: TTL_S },
  });
}

/** Tokens under a live grant each, of one app: the entries that the provider itself makes of them. */
export async function stockTokens(
  count: number,
): Promise<{ readonly tokens: readonly string[]; readonly entries: readonly StockEntry[] }> {
  const entries: StockEntry[] = [];
  class Recording {
    constructor(readonly model: string) {}
    async upsert(id: string, payload: Record<string, unknown>, expiresIn: number) {
      entries.push({ model: this.model, id, payload, expiresIn });
    }
  }
  const provider = createStock('http://localhost', Recording as never, stockClients);
  const client = await provider.Client.find(STOCK_APP);
  if (client === undefined) throw new Error('the app of the stock provider is missing');
  const tokens: string[] = [];
  for (let n = 1; n <= count; n += 1) {
    const accountId = `patient-${n}`;
    const grant = new provider.Grant({ accountId, clientId: STOCK_APP });
    grant.addResourceScope(FHIR_BASE, SCOPE);
    const grantId = await grant.save();
    const extra = { purpose_of_use: 'PATRQT', patient: String(n), fhirUser: `Patient/${n}` };
    const about = { client, accountId, grantId, gty: 'authorization_code', scope: SCOPE, aud: FHIR_BASE };
    tokens.push(await new provider.AccessToken({ ...about, extra } as never).save());
  }
  return { tokens, entries };
}

const signingKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
