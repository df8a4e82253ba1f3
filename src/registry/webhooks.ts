import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from './deps.ts';

/** Input: {url}. A new secret each time, shown once. */
export declare function setWebhook(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<{ secret: string }>;
export declare function removeWebhook(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<void>;
