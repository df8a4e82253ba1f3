// A resource server that hears signals: its stream at Postern, and the endpoint that events are pushed to, which verifies
// each with the published keys and answers as a test asks it to.
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { signalKey } from '../../src/operations/secret.ts';
import { createSafeFetch } from '../../src/outside/safe-fetch.ts';
import { createSigner, readSigningKeys } from '../../src/provider/keys.ts';
import { startDelivery } from '../../src/signals/delivery-loop.ts';
import { hashSecret } from '../../src/store/secrets.ts';
import { createLog } from '../../src/web/log.ts';
import { until } from './until.ts';
import { basic, type World } from './world.ts';

export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
export const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';
export const [PUSH, POLL] = ['urn:ietf:rfc:8935', 'urn:ietf:rfc:8936'];

export type Members = Record<string, unknown>;
export interface SecurityEvent extends JWTPayload {
  readonly txn?: string;
  readonly sub_id: Members;
  readonly events: Readonly<Record<string, Members>>;
}

/** One event: its type's last part, and what it says. */
export function eventIn({ events }: SecurityEvent): readonly [string, Members] {
  const [[uri, said] = ['', {}], ...others] = Object.entries(events);
  if (others.length > 0) throw new Error('an event token has one event');
  return [uri.replace(CAEP, '').replace(SSF, ''), said];
}

export interface Server {
  readonly id: string;
  readonly authorization: string;
  /** The management API as this resource server. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** A registered resource server of the demo's first organization, with FHIR bases of its own or of the demo's. */
export async function addServer(world: World, bases: readonly string[] = []): Promise<Server> {
  const { prisma } = world.store;
  const [id, secret] = [`fhir-${randomUUID().slice(0, 8)}`, randomBytes(24).toString('base64url')];
  const life = { createdBy: 'test', endsAt: new Date(Date.now() + 86_400_000_000) };
  await prisma.resourceServer.create({
    data: {
      ...{ id, name: id },
      secrets: { create: { id: randomUUID(), secretHash: await hashSecret(secret), ...life } },
      fhirBases: { create: bases.map((url) => ({ url, slug: randomUUID() })) },
    },
  });
  return serverOf(world, id, secret);
}

export function serverOf(world: Pick<World, 'issuer'>, id: string, secret: string): Server {
  const authorization = basic(id, secret);
  return {
    ...{ id, authorization },
    ask: (method, path, body, headers = {}) =>
      fetch(`${world.issuer}${path}`, {
        method,
        headers: {
          authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
  };
}

export interface Receiver {
  readonly url: string;
  /** Verified, in the order in which they came; each try. */
  readonly heard: SecurityEvent[];
  readonly headers: Record<string, unknown>[];
  /** Answers one push; without it with 202. */
  answer: ((response: ServerResponse, event: SecurityEvent) => void) | undefined;
  /** The first that matches, as soon as it is there. */
  hears(matches: (event: SecurityEvent) => boolean): Promise<SecurityEvent>;
  stop(): Promise<void>;
}

export async function createReceiver({ issuer }: Pick<World, 'issuer'>, audience: string): Promise<Receiver> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const server = createServer(async (request, response) => {
    const text = (await request.setEncoding('utf8').toArray()).join('');
    try {
      const { payload } = await jwtVerify(text, keys, { issuer, audience, typ: 'secevent+jwt' });
      receiver.heard.push(payload as SecurityEvent);
      receiver.headers.push(request.headers);
      if (receiver.answer !== undefined) receiver.answer(response, payload as SecurityEvent);
      else response.writeHead(202).end();
    } catch (error) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ err: 'invalid_request', description: String(error) }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    ...{ heard: [], headers: [], answer: undefined },
    hears: async (matches) => {
      const missing = () => `nothing like it was heard: ${JSON.stringify(receiver.heard.map(eventIn))}`;
      return until(() => receiver.heard.find(matches), missing);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** What every process does beside answering. */
export async function deliverSignals(
  { store, issuer, secret }: World,
  lookMs = 20,
  atOnce?: number,
  fetch = createSafeFetch({ allowLoopback: true }),
) {
  const sign = createSigner(await readSigningKeys(store, secret));
  const deps = { store, issuer, sign, fetch, sealKey: signalKey(secret), log: createLog('silent') };
  return startDelivery(deps, lookMs, atOnce);
}
