import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';

export interface InitialAccessTokenRow {
  readonly id: string;
  readonly organizationId: string;
  readonly ownerId: string;
  readonly environment: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usesLeft: number;
  readonly revokedAt: Date | null;
}

/** Input: {organizationId, ownerId, environment, days?, uses?}. Shown once. */
export declare function createInitialAccessToken(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ token: string; id: string; expiresAt: Date }>;
export declare function endInitialAccessToken(
  deps: RegistryDeps,
  actor: Actor,
  tokenId: string,
): Promise<void>;
export declare function listInitialAccessTokens(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<readonly InitialAccessTokenRow[]>;
/** For /register: takes one use; undefined: no such token, or nothing left of it. The actor is its owner, via registration. */
export declare function takeInitialAccessToken(
  deps: RegistryDeps,
  token: string,
): Promise<
  { actor: Actor; organizationId: string; ownerId: string; environment: 'sandbox' | 'production' } | undefined
>;
/** Gives the use back: what was registered with it was refused. */
export declare function returnInitialAccessToken(deps: RegistryDeps, token: string): Promise<void>;
