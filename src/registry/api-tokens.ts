import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';

export interface ApiTokenRow {
  /** SHA-256 of the token, hex. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** Input: {name, days?} (90 at most). Her own; the token is shown once. Not through the API itself. */
export declare function createApiToken(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ token: string; id: string; expiresAt: Date }>;
export declare function endApiToken(deps: RegistryDeps, actor: Actor, tokenId: string): Promise<void>;
/** Her own, newest first. */
export declare function listApiTokens(deps: RegistryDeps, actor: Actor): Promise<readonly ApiTokenRow[]>;
/** For /api/v1: whose bearer token it is, with the roles that she has now; undefined: nobody's. */
export declare function actorOfApiToken(deps: RegistryDeps, token: string): Promise<Actor | undefined>;
