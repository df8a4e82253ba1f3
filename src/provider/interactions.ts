// When people are asked: the prompts, where they live, and when an earlier grant still speaks for them.
import type { Configuration } from 'oidc-provider';
import { consentStands } from '../policy/consent.ts';
import type { Store } from '../store/database.ts';
import { findAccountIn } from './accounts.ts';
import type { AppOf } from './clients.ts';
import { userinfoOf } from './login-only.ts';
import { asksForPatient, type PromptRules, promptPolicy } from './prompt-policy.ts';
import { requestedPurpose } from './resources.ts';
import { readConsent } from './tokens.ts';

export function interactions(store: Store, appOf: AppOf, rules: PromptRules): Partial<Configuration> {
  return {
    interactions: {
      policy: promptPolicy(store, appOf, rules),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    findAccount: findAccountIn(store),
    loadExistingGrant: async (ctx) => {
      const { oidc } = ctx;
      const agreed = (oidc.result?.consent as { grantId?: string } | undefined)?.grantId;
      if (agreed !== undefined) return oidc.provider.Grant.find(agreed);
      const { client, params } = oidc;
      // A launch brings a context of its own, and a choice of record a decision of its own.
      if (params?.launch !== undefined || oidc.result?.launch_context !== undefined) return undefined;
      const earlier = client && oidc.session?.grantIdFor(client.clientId);
      // RFC 6749 §10.2: a client that cannot prove who it is never gets a second code without a person.
      if (!earlier || client.clientAuthMethod === 'none') return undefined;
      const consent = await readConsent(store, earlier);
      const app = await appOf(ctx, client);
      const purpose = requestedPurpose(ctx, app);
      const stands =
        consent !== undefined &&
        consentStands(consent, app, new Date()) &&
        consent.purpose === purpose &&
        // What was decided for somebody else never speaks for a request about oneself.
        consent.representationId === null &&
        (consent.patientId === oidc.account?.accountId || !asksForPatient(ctx)) &&
        consent.audience === (oidc.params?.resource ?? userinfoOf(oidc.provider.issuer));
      return stands ? oidc.provider.Grant.find(earlier) : undefined;
    },
  };
}
