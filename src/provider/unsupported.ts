// What the provider may ask an adapter and Postern does not offer.
import type { Adapter } from 'oidc-provider';

export const unsupported = (): never => {
  throw new Error('the provider asked its adapter for something that Postern does not offer');
};

export const refusing: Adapter = {
  upsert: unsupported,
  find: unsupported,
  findByUserCode: unsupported,
  findByUid: unsupported,
  consume: unsupported,
  destroy: unsupported,
  // Everything under a grant ends with the Grant itself, which the provider destroys in the same step.
  revokeByGrantId: async () => undefined,
};
