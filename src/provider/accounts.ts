// Who an account id stands for: a patient with a passkey here, or a person whom an EHR signed in.
import type { FindAccount } from 'oidc-provider';
import { type Account, findAccount, recordIdAt } from '../store/accounts.ts';
import type { Store } from '../store/database.ts';
import { levelOfIssue } from './identity-level.ts';
import { onceARequest } from './once-a-request.ts';
import { readConsent } from './tokens.ts';

export const readAccount = onceARequest<Account | undefined>(findAccount);

export function findAccountIn(store: Store): FindAccount {
  return async (ctx, accountId) => {
    const account = await readAccount(store, accountId);
    if (account === undefined) return undefined;
    return {
      accountId,
      claims: async (use) => {
        const { aud: audience, grantId } = ctx.oidc.entities.AccessToken ?? {};
        const fhirBase = typeof audience === 'string' ? audience : undefined;
        const decided = fhirBase && grantId ? await readConsent(store, grantId) : undefined;
        // Who acts for another is somebody else there: a RelatedPerson of that patient, or a Person.
        const resource = decided?.representativeAs ?? (fhirBase && resourceAt(account, fhirBase));
        // SMART scopes-and-launch-context, "Scopes for requesting identity data": the URL of a FHIR resource.
        const ial = use === 'id_token' ? await levelOfIssue(store, ctx) : undefined;
        return {
          sub: accountId,
          ...(ial === undefined ? {} : { ial }),
          ...(use === 'userinfo' ? { name: account.name } : {}),
          ...(resource === undefined ? {} : { fhirUser: `${audience}/${resource}` }),
        };
      },
    };
  };
}

function resourceAt(account: Account, audience: string): string | undefined {
  const { ehrUser } = account;
  if (ehrUser !== null) return ehrUser.fhirBaseUrl === audience ? ehrUser.fhirUser : undefined;
  const fhirId = recordIdAt(account, audience);
  return fhirId === undefined ? undefined : `Patient/${fhirId}`;
}
