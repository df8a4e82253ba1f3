// Confidential symmetric clients: the provider is handed argon2id hashes in place of a secret, and compares with them.
import type { Client } from 'oidc-provider';
import { Provider } from 'oidc-provider';
import type { App } from '../store/apps.ts';
import type { Secrets } from '../store/secrets.ts';
import { credentialsOf, isSecretMethod } from './clients.ts';
import { noteCredential } from './credential-use.ts';

/** The provider compares strings; ours are the hashes of every live secret. */
export function compareHashedSecrets(provider: Provider, secrets: Secrets): void {
  provider.Client.prototype.compareClientSecret = async function (this: Client, secret: string) {
    const live = credentialsOf(this);
    const right = await secrets.rightHash(
      secret,
      live.flatMap(({ secretHash }) => secretHash ?? []),
    );
    // RFC 7591 §2: one method is registered; the provider takes Basic and post for one another.
    const used = live.find(({ secretHash }) => secretHash !== null && secretHash === right);
    if (used === undefined || presentedBy() !== this.clientAuthMethod) return false;
    if (Provider.ctx !== undefined) noteCredential(Provider.ctx, used.id);
    return true;
  };
}

/** Whoever presents a secret waits as long where there is none to compare it with: no client is found by the clock. */
export const mustSpendDecoy = (app: App | undefined): boolean =>
  presentedBy() !== undefined && (app === undefined || !isSecretMethod(app.authMethod));

export async function spendDecoy(secrets: Secrets): Promise<void> {
  await secrets.rightHash('', []);
}

function presentedBy(): string | undefined {
  const { ctx } = Provider;
  if (ctx === undefined || !authenticates()) return undefined;
  if (ctx.oidc.params?.client_secret) return 'client_secret_post';
  return /^basic /i.test(ctx.get('Authorization')) ? 'client_secret_basic' : undefined;
}

/** Whether the request that is running is at an endpoint where clients prove who they are. */
export const authenticates = (): boolean => ['token', 'revocation'].includes(Provider.ctx?.oidc.route ?? '');
