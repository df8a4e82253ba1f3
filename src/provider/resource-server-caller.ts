// Who asks about tokens (RFC 7662 §2.1) and for decisions: a registered resource server with HTTP Basic (RFC 6749 §2.3.1) or with private_key_jwt
// (RFC 7523 §2.2), or a client with a token of its own. Whatever of them is remembered, whether they may ask is read with the
// token, at the same instant.
import { hash, randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Reason } from '../errors.ts';
import { recordAssertionUse } from '../store/assertion-uses.ts';
import type { Store } from '../store/database.ts';
import {
  findAskingServer,
  findIntrospected,
  type Introspected,
  type IntrospectedToken,
  type ServerFacts,
} from '../store/introspections.ts';
import type { Secrets } from '../store/secrets.ts';
import type { Observer } from '../web/observer.ts';
import { askAsBearer, bearerToken } from './bearer-caller.ts';
import { type PublicKey, publicKeys } from './key-set.ts';
import { provedKey, REPLAY_S, readPartyAssertion, useOf } from './keyed-party.ts';

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

/** A resource server that proved itself with a key, or with the secret of this hash. */
interface Proof {
  readonly serverId: string;
  readonly key?: PublicKey;
  readonly secretHash?: string;
}

/** How it says who it is: in one way. */
export interface Credentials {
  /** Authorization; empty: there is none. */
  readonly header: string;
  /** private_key_jwt; empty: there is none. */
  readonly assertion: string;
}

export interface Question extends Credentials {
  /** What it is about; empty: of no token. */
  readonly token: string;
  readonly requestId: string;
}

const REMEMBERED_MS = 5 * 60 * 1_000;
const REMEMBERED_MAX = 1_000;

/** RFC 6749 §2.3.1: id and secret are form-urlencoded before they are joined. */
function basicCredentials(header: string): { readonly id: string; readonly secret: string } | undefined {
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

export interface CallerDeps {
  readonly store: Store;
  readonly secrets: Secrets;
  /** What an assertion may be meant for. */
  readonly audiences: readonly string[];
  readonly observer: Observer;
}

export function createCallers({ store, secrets, audiences, observer }: CallerDeps) {
  const key = randomBytes(32).toString('base64');
  const proofs = new Map<string, Proof & { readonly until: number }>();
  /** Who asks often asks at once: a secret is compared once for all of them. */
  const proving = new Map<string, Promise<Proof | undefined>>();

  const prove = async (header: string, mark: string): Promise<Proof | undefined> => {
    const { id, secret } = basicCredentials(header) ?? {};
    if (id === undefined || secret === undefined) return undefined;
    const { server, now } = await findAskingServer(store, id);
    const live = server?.secrets.filter(({ endsAt }) => now < endsAt).map(({ hash }) => hash) ?? [];
    const secretHash = await secrets.rightHash(secret, live);
    if (server === undefined || secretHash === undefined) return undefined;
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

  const proveByKey = async (jwt: string): Promise<Proof | undefined> => {
    const assertion = readPartyAssertion(jwt);
    if (assertion === undefined) return undefined;
    const { server } = await findAskingServer(store, assertion.issuer);
    const key = server && (await provedKey(assertion, server.jwks, audiences));
    if (server === undefined || key === undefined) return undefined;
    const isNew = await recordAssertionUse(store, useOf('resource server', assertion), REPLAY_S);
    if (isNew) return { serverId: server.id, key };
    observer.replayed('assertion');
    return undefined;
  };

  const askAs = async (proof: Proof | undefined, token: string): Promise<Asked | Reason> => {
    const asked = proof && askedBy(proof, await findIntrospected(store, token, proof.serverId));
    return asked ?? 'resource_server_unknown';
  };

  return async ({ header, assertion, token, requestId }: Question): Promise<Asked | Reason> => {
    const bearer = bearerToken(header);
    if (bearer !== undefined) return askAsBearer(store, { bearer, token, requestId });
    if (assertion !== '') return askAs(await proveByKey(assertion), token);
    const mark = hash('sha256', key + header, 'base64');
    const remembered = proofs.get(mark);
    if (remembered !== undefined && Date.now() < remembered.until) {
      const asked = askedBy(remembered, await findIntrospected(store, token, remembered.serverId));
      if (asked !== undefined) return asked;
    }
    // It was never proved, too long ago, or with a secret that is not good any more: there may be another one by now.
    proofs.delete(mark);
    return askAs(await (proving.get(mark) ?? startProving(header, mark)), token);
  };
}

/** At the instant of what was found. Undefined: the resource server may not ask with that key or secret. */
function askedBy(proof: Proof, { server, token, now }: Introspected): Asked | Reason | undefined {
  if (server === undefined || !isLive(proof, server, now)) return undefined;
  if (server.suspendedAt !== null) return 'resource_server_suspended';
  return { caller: { id: server.id, audiences: server.fhirBases }, token };
}

const isLive = ({ key, secretHash }: Proof, { jwks, secrets }: ServerFacts, now: Date): boolean =>
  key === undefined
    ? secrets.some(({ hash, endsAt }) => hash === secretHash && now < endsAt)
    : (publicKeys(jwks) ?? []).some((one) => isDeepStrictEqual(one, key));
