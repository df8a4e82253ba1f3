// The token with which a client reads and changes its own registration (RFC 7592 §3).
import type { Actor } from '../policy/permissions.ts';
import { endRegistrationToken, findRegisteredApp } from '../store/registration-tokens.ts';
import { drawToken, hashOfToken } from './bearer-tokens.ts';
import type { RegistryDeps } from './deps.ts';
import { registrationActor } from './initial-access-tokens.ts';

/** Shown once: the hash alone is kept. */
export const newRegistrationToken = () => drawToken('rat');

export interface Registration {
  readonly appId: string;
  readonly organizationId: string;
  /** The app's owner, while she works there as owner or developer; undefined: nobody acts for it. */
  readonly actor: Actor | undefined;
}

/** Undefined: no live token of this client. One that is used for another client is ended (RFC 7592 §2.1). */
export async function registrationOf(
  deps: RegistryDeps,
  token: string,
  clientId: string,
): Promise<Registration | undefined> {
  const tokenHash = hashOfToken('rat', token);
  if (tokenHash === undefined) return undefined;
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
