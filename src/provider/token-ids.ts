// An access token tells where it is stored: its first character is the partition, all after it is random.
import type Provider from 'oidc-provider';
import { slotAt } from '../store/access-token-key.ts';

interface TokenModel {
  readonly prototype: { generateTokenId(): string };
}

export function tellPartition(provider: Provider): void {
  for (const model of [provider.AccessToken, provider.ClientCredentials] as unknown as TokenModel[]) {
    const { prototype } = model;
    const random = prototype.generateTokenId;
    prototype.generateTokenId = function (this: unknown) {
      return `${slotAt(Date.now())}${random.call(this)}`;
    };
  }
}
