// The credentials of an app: public keys and secrets, at most two of a sort live at once, each with an end.
import { calculateJwkThumbprint } from 'jose';
import { daysAfter } from '../policy/days.ts';
import type { Fault } from '../policy/faults.ts';
import { bareJwk, type Jwk, jwkFaults } from '../policy/jwk.ts';
import type { Actor } from '../policy/permissions.ts';
import {
  endAppKey,
  findAppKey,
  findKeyByThumbprint,
  isKidTaken,
  listAppKeys,
  liveAppKeys,
  type ShownKey,
} from '../store/app-keys.ts';
import { mayName } from '../store/identifier.ts';
import { hashSecret, LIVE_MAX } from '../store/secrets.ts';
import { readableApp } from './app-records.ts';
import { type EndedFor, type Ending, endAfter, newSecret } from './credential-life.ts';
import { addCredential, type Change, changeCredentials, isUsed, tell } from './credentials.ts';
import type { RegistryDeps } from './deps.ts';
import { because, readInput, refuseFaults } from './input.ts';
import { RegistryRefusal } from './refusal.ts';

/** Live while `revokedAt` is null and `endsAt` is to come. */
export type AppKeyView = ShownKey;

export interface NewSecret extends AppKeyView {
  /** Shown once: only its hash is kept. */
  readonly secret: string;
}

const LISTED = 100;
const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'];

/** Live and ended ones, the newest first. */
export async function listKeys(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
): Promise<readonly AppKeyView[]> {
  await readableApp(deps, actor, appId);
  return listAppKeys(deps.store, appId, LISTED);
}

/** Registers a public key (JWK, RFC 7517): the object, or its JSON. */
export async function addKey(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  jwk: unknown,
): Promise<AppKeyView> {
  return changeCredentials(deps, actor, appId, (change) => registerKey(change, jwk));
}

/**
 * Makes these the app's keys, as RFC 7592 §2.2 replaces a `jwks`: those that stay are left alone, the others end at
 * once, new ones are registered; all of it or nothing. Within the transaction that changes the registration: `changeWithin`.
 */
export async function setKeysWithin(
  change: Change,
  jwks: readonly unknown[],
): Promise<readonly AppKeyView[]> {
  if (jwks.length > LIVE_MAX) refuseFaults([{ field: 'jwks', code: 'credentials_full' }]);
  const live = (await liveKeys(change)).filter(({ kind }) => kind === 'jwk');
  const wanted = await Promise.all(jwks.map(thumbprintOf));
  for (const key of live)
    if (!wanted.includes(key.thumbprint ?? ''))
      await end(change, key, 'now', 'The keys of the app were replaced.');
  const keys: AppKeyView[] = [];
  const faults: Fault[] = [];
  for (const [index, jwk] of jwks.entries()) {
    const kept = live.find(({ thumbprint }) => thumbprint === wanted[index]);
    try {
      keys.push(kept ?? (await registerKey(change, jwk, `jwks.${index}`)));
    } catch (cause) {
      if (!(cause instanceof RegistryRefusal)) throw cause;
      faults.push(...cause.faults);
    }
  }
  refuseFaults(faults);
  return keys;
}

/** Draws a secret and answers with it, this once. */
export async function addSecret(deps: RegistryDeps, actor: Actor, appId: string): Promise<NewSecret> {
  return changeCredentials(deps, actor, appId, addSecretWithin);
}

/** For registration, which adds an app and its secret in one transaction. */
export async function addSecretWithin(change: Change): Promise<NewSecret> {
  refuseFaults([
    ...(await fullFaults(change, 'secret')),
    ...unusedFaults(change, 'secret', ({ authMethod }) => SECRET_METHODS.includes(authMethod)),
  ]);
  const secret = newSecret();
  const endsAt = daysAfter(change.now, change.deps.settings.secretDays);
  const secretHash = await hashSecret(secret);
  return { ...(await addCredential(change, { kind: 'secret', secretHash, endsAt }, 'secret')), secret };
}

/** Ends a credential at once, or after an overlap in which its successor is already accepted. */
export async function endKey(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  keyId: string,
  { when, ...why }: EndedFor,
): Promise<AppKeyView> {
  return changeCredentials(deps, actor, appId, async (change) => {
    const key = await findAppKey(change.tx, appId, keyId);
    if (key === null) throw new RegistryRefusal('record_unknown');
    const { reason } = readInput(because, why);
    return end(change, key, when, reason);
  });
}

async function end(change: Change, key: ShownKey, when: Ending, reason: string): Promise<AppKeyView> {
  const { tx, deps, now } = change;
  const endsAt = endAfter(when, key.endsAt, now, deps.settings);
  const ended = await endAppKey(tx, key.id, { now, endsAt });
  if (ended === null) throw new RegistryRefusal('state_conflict');
  await tell(change, 'key.ended', ended, endsAt ?? now, { before: key.endsAt, reason });
  if (endsAt === undefined) change.ended.push(key.id);
  return ended;
}

async function registerKey(change: Change, given: unknown, field = 'jwk'): Promise<AppKeyView> {
  const { tx, app, deps, now } = change;
  const jwk = parsed(given);
  const { kid } = (jwk ?? {}) as Jwk;
  const faults: Fault[] = [
    ...jwkFaults(jwk),
    ...(await fullFaults(change, 'jwk')),
    ...unusedFaults(
      change,
      'jwk',
      (revision) => revision.authMethod === 'private_key_jwt' && revision.jwksUri === null,
    ),
  ];
  if (typeof kid === 'string' && mayName(kid) && (await isKidTaken(tx, app.id, kid)))
    faults.push({ field: 'jwk.kid', code: 'duplicate', value: kid });
  const thumbprint = await thumbprintOf(jwk);
  if (thumbprint !== undefined && (await findKeyByThumbprint(tx, thumbprint)) !== null)
    faults.push({ field: 'jwk', code: 'jwk_known' });
  refuseFaults(faults.map((fault) => ({ ...fault, field: fault.field.replace('jwk', field) })));
  const bare = bareJwk(jwk as Jwk);
  const endsAt = daysAfter(now, deps.settings.keyDays);
  return addCredential(change, { kind: 'jwk', kid: bare.kid, thumbprint, jwk: bare, endsAt }, field);
}

const liveKeys = ({ tx, app, now }: Change) => liveAppKeys(tx, app.id, now);

async function fullFaults(change: Change, kind: 'jwk' | 'secret'): Promise<Fault[]> {
  const live = (await liveKeys(change)).filter((key) => key.kind === kind);
  return live.length < LIVE_MAX ? [] : [{ field: kind, code: 'credentials_full' }];
}

function unusedFaults(change: Change, field: string, uses: Parameters<typeof isUsed>[1]): Fault[] {
  return isUsed(change, uses) ? [] : [{ field, code: 'credential_not_used' }];
}

function parsed(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

/** RFC 7638, of a key without faults. */
async function thumbprintOf(given: unknown): Promise<string | undefined> {
  const jwk = parsed(given);
  return jwkFaults(jwk).length > 0
    ? undefined
    : calculateJwkThumbprint(bareJwk(jwk as Jwk) as never, 'sha256');
}
