// Who asks: a registered resource server with HTTP Basic (RFC 7662 §2.1, RFC 6749 §2.3.1), or a client with a token of
// its own. Whatever of them is remembered, whether they may ask is read with the token, at the same instant.
import { hash, randomBytes } from 'node:crypto';
import type { Reason } from '../errors.ts';
import type { Store } from '../store/database.ts';
import { findIntrospected, type Introspected, type IntrospectedToken } from '../store/introspections.ts';
import { findResourceServer } from '../store/resource-servers.ts';
import type { Secrets } from '../store/secrets.ts';
import { askAsBearer, bearerToken } from './bearer-caller.ts';

export interface Caller {
  readonly id: string;
  /** It hears only of tokens for these. */
  readonly audiences: readonly string[];
}

export interface Asked {
  readonly caller: Caller;
  /** What is known of the token; undefined: it is none of ours. */
  readonly token: IntrospectedToken | undefined;
}

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/** A resource server that proved itself with the secret of this hash. */
interface Proof {
  readonly serverId: string;
  readonly secretHash: string;
}

const REMEMBERED_MS = 5 * 60 * 1_000;
const REMEMBERED_MAX = 1_000;

/** RFC 6749 §2.3.1: id and secret are form-urlencoded before they are joined. */
function basicCredentials(header: string): Credentials | undefined {
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
  const key = randomBytes(32).toString('base64');
  const proofs = new Map<string, Proof & { readonly until: number }>();
  /** Who asks often asks at once: a secret is compared once for all of them. */
  const proving = new Map<string, Promise<Proof | undefined>>();

  const prove = async (header: string, mark: string): Promise<Proof | undefined> => {
    const { id, secret } = basicCredentials(header) ?? {};
    if (id === undefined || secret === undefined) return undefined;
    const server = await findResourceServer(store, id);
    const live = server?.secrets.map(({ secretHash }) => secretHash) ?? [];
    const secretHash = await secrets.rightHash(secret, live);
    if (server === null || secretHash === undefined) return undefined;
    const proof = { serverId: server.id, secretHash };
    if (proofs.size >= REMEMBERED_MAX) proofs.clear();
    proofs.set(mark, { ...proof, until: Date.now() + REMEMBERED_MS });
    return proof;
  };

  const startProving = (header: string, mark: string) => {
    const proof = prove(header, mark).finally(() => proving.delete(mark));
    proving.set(mark, proof);
    return proof;
  };

  return async (header: string, token: string, requestId: string): Promise<Asked | Reason> => {
    const bearer = bearerToken(header);
    if (bearer !== undefined) return askAsBearer(store, { bearer, token, requestId });
    const mark = hash('sha256', key + header, 'base64');
    const remembered = proofs.get(mark);
    if (remembered !== undefined && Date.now() < remembered.until) {
      const asked = askedBy(remembered, await findIntrospected(store, token, remembered.serverId));
      if (asked !== undefined) return asked;
    }
    // It was never proved, too long ago, or with a secret that is not good any more: there may be another one by now.
    proofs.delete(mark);
    const proof = await (proving.get(mark) ?? startProving(header, mark));
    const asked = proof && askedBy(proof, await findIntrospected(store, token, proof.serverId));
    return asked ?? 'resource_server_unknown';
  };
}

/** Undefined: at the instant of what was found the resource server may not ask, or not with that secret. */
function askedBy({ secretHash }: Proof, { server, token, now }: Introspected): Asked | undefined {
  if (server === undefined || server.suspendedAt !== null) return undefined;
  const isLive = server.secrets.some(({ hash, endsAt }) => hash === secretHash && now < endsAt);
  return isLive ? { caller: { id: server.id, audiences: server.fhirBases }, token } : undefined;
}
