// Who an account id stands for: a patient with a passkey here, or a person whom an EHR signed in.
import type { FindAccount } from 'oidc-provider';
import type { Store } from '../store/database.ts';
import { findEhrUser } from '../store/ehrs.ts';
import { findPatient, findRecordId } from '../store/patients.ts';

export function findAccountIn(store: Store): FindAccount {
  return async (ctx, accountId) => {
    const patient = await findPatient(store, accountId);
    const ehrUser = patient === null ? await findEhrUser(store, accountId) : null;
    const name = patient?.name ?? ehrUser?.name;
    if (name === undefined) return undefined;
    const resourceAt = async (audience: string) => {
      if (ehrUser !== null) return ehrUser.ehr.fhirBaseUrl === audience ? ehrUser.fhirUser : undefined;
      const fhirId = await findRecordId(store, accountId, audience);
      return fhirId === undefined ? undefined : `Patient/${fhirId}`;
    };
    return {
      accountId,
      claims: async (use) => {
        const audience = ctx.oidc.entities.AccessToken?.aud;
        const resource = typeof audience === 'string' ? await resourceAt(audience) : undefined;
        // SMART scopes-and-launch-context, "Scopes for requesting identity data": the URL of a FHIR resource.
        return {
          sub: accountId,
          ...(use === 'userinfo' ? { name } : {}),
          ...(resource === undefined ? {} : { fhirUser: `${audience}/${resource}` }),
        };
      },
    };
  };
}
