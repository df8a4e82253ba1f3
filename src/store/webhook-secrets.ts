// The secret that signs an organization's webhooks (Standard Webhooks: `whsec_` and base64), sealed in its row.
import { randomBytes } from 'node:crypto';
import { seal, sealingKey, unseal } from './sealing.ts';

const PREFIX = 'whsec_';

export const newWebhookSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`;

export function sealWebhookSecret(
  sealKey: string,
  organizationId: string,
  secret: string,
): Uint8Array<ArrayBuffer> {
  return seal(sealingKey(sealKey, 'webhook secrets'), secret, organizationId);
}

/** The key itself; throws for another organization's, and for what another `sealKey` sealed. */
export function openWebhookKey(sealKey: string, organizationId: string, sealed: Uint8Array): Buffer {
  const secret = unseal(sealingKey(sealKey, 'webhook secrets'), sealed, organizationId) as string;
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}
