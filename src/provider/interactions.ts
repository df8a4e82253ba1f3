// When people are asked: the prompts, where they live, and when an earlier grant still speaks for them.
import type { Configuration } from 'oidc-provider';
import { interactionPolicy } from 'oidc-provider';
import { findConsentByGrant } from '../store/consents.ts';
import type { Store } from '../store/database.ts';
import { findPatient, findRecordId } from '../store/patients.ts';
import type { AppOf } from './clients.ts';
import { userinfoOf } from './login-only.ts';
import { requestedPurpose } from './resources.ts';

export function interactions(store: Store, appOf: AppOf): Partial<Configuration> {
  return {
    interactions: {
      policy: interactionPolicy.base(),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    findAccount: async (ctx, accountId) => {
      const patient = await findPatient(store, accountId);
      if (patient === null) return undefined;
      return {
        accountId,
        claims: async (use) => {
          const audience = ctx.oidc.entities.AccessToken?.aud;
          const fhirId =
            typeof audience === 'string' ? await findRecordId(store, accountId, audience) : undefined;
          // SMART scopes-and-launch-context, "Scopes for requesting identity data": the URL of the FHIR resource that represents the user.
          return {
            sub: accountId,
            ...(use === 'userinfo' ? { name: patient.name } : {}),
            ...(fhirId === undefined ? {} : { fhirUser: `${audience}/Patient/${fhirId}` }),
          };
        },
      };
    },
    loadExistingGrant: async (ctx) => {
      const { oidc } = ctx;
      const agreed = (oidc.result?.consent as { grantId?: string } | undefined)?.grantId;
      if (agreed !== undefined) return oidc.provider.Grant.find(agreed);
      const { client } = oidc;
      const earlier = client && oidc.session?.grantIdFor(client.clientId);
      // RFC 6749 §10.2: a client that cannot prove who it is never gets a second code without a person.
      if (!earlier || client.clientAuthMethod === 'none') return undefined;
      const consent = await findConsentByGrant(store, earlier);
      const purpose = requestedPurpose(ctx, await appOf(ctx, client));
      const stands =
        consent !== null &&
        consent.withdrawnAt === null &&
        consent.expiresAt > new Date() &&
        consent.purpose === purpose &&
        consent.audience === (oidc.params?.resource ?? userinfoOf(oidc.provider.issuer));
      return stands ? oidc.provider.Grant.find(earlier) : undefined;
    },
  };
}
