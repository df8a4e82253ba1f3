// Who asks: a registered resource server with HTTP Basic (RFC 7662 §2.1, RFC 6749 §2.3.1).
import type { Store } from '../store/database.ts';
import { findResourceServer } from '../store/resource-servers.ts';
import type { Secrets } from '../store/secrets.ts';

export interface Caller {
  readonly id: string;
  /** It hears only of tokens for these. */
  readonly audiences: readonly string[];
}

export interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/** RFC 6749 §2.3.1: id and secret are form-urlencoded before they are joined. */
export function basicCredentials(header: string): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  const pair = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) return undefined;
  try {
    const [id = '', secret = ''] = [pair.slice(0, colon), pair.slice(colon + 1)].map((part) =>
      decodeURIComponent(part.replaceAll('+', ' ')),
    );
    return { id, secret };
  } catch {
    return undefined;
  }
}

export function createCallers(store: Store, secrets: Secrets) {
  return async ({ id, secret }: Credentials): Promise<Caller | undefined> => {
    const server = await findResourceServer(store, id);
    const live = server?.secrets.map(({ secretHash }) => secretHash) ?? [];
    const right = await secrets.rightHash(secret, live);
    if (server === null || right === undefined || server.suspendedAt !== null) return undefined;
    return { id: server.id, audiences: server.fhirBases.map(({ url }) => url) };
  };
}
