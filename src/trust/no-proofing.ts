// Identity assurance: patients prove who they are at OpenID providers that others run, are matched to exactly one patient
// and bound to a passkey. Knows those providers, never a page of patient/: app.ts hands over what the two share.
import { PageError } from '../web/page-error.ts';

/** Without an identity provider there is nothing to begin. */
export const noProofing = {
  available: false,
  providers: [],
  begin: async (): Promise<void> => {
    throw new PageError(404, 'not-found');
  },
  proofed: async (): Promise<undefined> => undefined,
};
