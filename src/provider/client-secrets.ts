// Confidential symmetric clients: the provider is handed the argon2id hash as the client's secret, and compares with it.
import type { Client } from 'oidc-provider';
import { Provider } from 'oidc-provider';
import type { App } from '../store/apps.ts';
import type { Secrets } from '../store/secrets.ts';

export const SECRET_METHODS: readonly string[] = ['client_secret_basic', 'client_secret_post'];

/** The provider compares strings; ours are hashes. */
export function compareHashedSecrets(provider: Provider, secrets: Secrets): void {
  provider.Client.prototype.compareClientSecret = async function (this: Client, secret: string) {
    const right = await secrets.isRight(secret, this.clientSecret?.split(' ') ?? []);
    // RFC 7591 §2: one method is registered; the provider takes Basic and post for one another.
    return right && presentedBy() === this.clientAuthMethod;
  };
}

/** Whoever presents a secret waits as long where there is none to compare it with: no client is found by the clock. */
export async function spendDecoy(secrets: Secrets, app: App | undefined): Promise<void> {
  if (presentedBy() === undefined || (app !== undefined && SECRET_METHODS.includes(app.authMethod))) return;
  await secrets.isRight('', []);
}

function presentedBy(): string | undefined {
  const { ctx } = Provider;
  if (ctx === undefined || !['token', 'revocation'].includes(ctx.oidc.route)) return undefined;
  if (ctx.oidc.params?.client_secret) return 'client_secret_post';
  return /^basic /i.test(ctx.get('Authorization')) ? 'client_secret_basic' : undefined;
}
