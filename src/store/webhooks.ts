// Where an organization has its notices posted, and the secret that signs them (Standard Webhooks: `whsec_` and base64),
// sealed in the organization's row.
import { randomBytes } from 'node:crypto';
import type { Store } from './database.ts';
import { seal, sealingKey, unseal } from './sealing.ts';

const PREFIX = 'whsec_';
const PURPOSE = 'webhook secrets';

export interface Webhook {
  readonly url: string;
  readonly key: Buffer;
}

export const newWebhookSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`;

export function sealWebhookSecret(
  sealKey: string,
  organizationId: string,
  secret: string,
): Uint8Array<ArrayBuffer> {
  return seal(sealingKey(sealKey, PURPOSE), secret, organizationId);
}

/** Throws when the secret was sealed with another key or for another organization. */
export async function findWebhook(
  store: Store,
  sealKey: string,
  organizationId: string,
): Promise<Webhook | undefined> {
  const { webhookUrl: url, sealedWebhookSecret: sealed } = await store.prisma.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { webhookUrl: true, sealedWebhookSecret: true },
  });
  if (url === null || sealed === null) return undefined;
  const secret = unseal(sealingKey(sealKey, PURPOSE), sealed, organizationId) as string;
  return { url, key: Buffer.from(secret.slice(PREFIX.length), 'base64') };
}
