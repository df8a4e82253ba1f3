// The token with which a client reads and changes its own registration (RFC 7592 §3).
import { randomBytes } from 'node:crypto';
import type { Actor } from '../policy/permissions.ts';
import { sha256Hex } from '../store/hash.ts';
import { endRegistrationToken, findRegisteredApp } from '../store/registration-tokens.ts';
import type { RegistryDeps } from './deps.ts';
import { registrationActor } from './initial-access-tokens.ts';

const PREFIX = 'postern_rat_';

/** Shown once: the hash alone is kept. */
export function newRegistrationToken(): { readonly token: string; readonly tokenHash: string } {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  return { token, tokenHash: sha256Hex(token) };
}

export interface Registration {
  readonly appId: string;
  readonly organizationId: string;
  /** The app's owner, while she works there; undefined: nobody acts for it. */
  readonly actor: Actor | undefined;
}

/** Undefined: no live token of this client. One that is used for another client is ended (RFC 7592 §2.1). */
export async function registrationOf(
  deps: RegistryDeps,
  token: string,
  clientId: string,
): Promise<Registration | undefined> {
  if (!/^postern_rat_[A-Za-z0-9_-]{43}$/.test(token)) return undefined;
  const tokenHash = sha256Hex(token);
  const app = await findRegisteredApp(deps.store, tokenHash);
  if (app === null) return undefined;
  if (app.id !== clientId) {
    await endRegistrationToken(deps.store, tokenHash);
    return undefined;
  }
  const { id: appId, organizationId, ownerId } = app;
  const owner = ownerId === null ? undefined : await registrationActor(deps, ownerId);
  return { appId, organizationId, actor: owner?.organizationId === organizationId ? owner : undefined };
}
