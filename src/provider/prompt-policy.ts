// Which questions stand before a code, in their order: an EHR's launch, sign-in, whose record, consent.
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { AgeRules } from '../policy/birthdays.ts';
import { requiresPatient } from '../smart/launch-context.ts';
import { parseScopes } from '../smart/scope.ts';
import type { Store } from '../store/database.ts';
import { listRepresented } from '../store/representations.ts';
import { readAccount } from './accounts.ts';
import { textOf } from './parameters.ts';

const { Check, Prompt, base } = interactionPolicy;

export function promptPolicy(store: Store, ageRules: AgeRules) {
  const policy = base();
  policy.add(new Prompt({ name: 'ehr_launch' }, launchToConfirm), 0);
  policy.get('login')?.checks.add(ehrSession(store));
  policy.add(new Prompt({ name: 'launch_context' }, patientToChoose(store, ageRules)), 2);
  return policy;
}

const launchToConfirm = new Check(
  'launch_not_confirmed',
  'the launch must be confirmed by the user',
  'interaction_required',
  ({ oidc }) => oidc.params?.launch !== undefined && oidc.result?.ehr_launch === undefined,
);

/** Whom an EHR signed in is signed in for that launch: nothing else goes on with her session. */
const ehrSession = (store: Store) =>
  new Check('ehr_session', 'End-User authentication is required', 'login_required', async ({ oidc }) => {
    const accountId = oidc.session?.accountId;
    if (accountId === undefined || oidc.params?.launch !== undefined) return false;
    return ((await readAccount(store, accountId))?.ehrUser ?? null) !== null;
  });

/** SMART scopes-and-launch-context, "Requesting context with scopes": who may act for others says whose record is meant. */
const patientToChoose = (store: Store, ageRules: AgeRules) =>
  new Check(
    'patient_not_chosen',
    'whose record is meant is not known',
    'interaction_required',
    async (ctx) => {
      const { params, result, session } = ctx.oidc;
      if (params?.launch !== undefined || result?.launch_context !== undefined) return false;
      if (session?.accountId === undefined || !asksForPatient(ctx)) return false;
      if (!(await readAccount(store, session.accountId))?.represents) return false;
      const audience = textOf(params?.resource) ?? '';
      return (await listRepresented(store, session.accountId, audience, ageRules)).length > 0;
    },
  );

export const asksForPatient = ({ oidc }: KoaContextWithOIDC): boolean =>
  requiresPatient(parseScopes(textOf(oidc.params?.scope) ?? '').scopes);
