// Which questions stand before a code, in their order: an EHR's launch, sign-in, how surely, whose record, consent.
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { AgeRules } from '../policy/birthdays.ts';
import { requiresPatient } from '../smart/launch-context.ts';
import { parseScopes } from '../smart/scope.ts';
import { findSessionUse, recordSignIn } from '../store/account-sessions.ts';
import type { Store } from '../store/database.ts';
import { listRepresented } from '../store/representations.ts';
import { readAccount } from './accounts.ts';
import type { AppOf } from './clients.ts';
import { isBefore } from './held-scope.ts';
import { type IdentityRules, proofingPrompt } from './identity-level.ts';
import { textOf } from './parameters.ts';
import { SESSION_S } from './sessions.ts';

const { Check, Prompt, base } = interactionPolicy;

export interface PromptRules {
  readonly ageRules: AgeRules;
  readonly identity: IdentityRules;
}

export function promptPolicy(store: Store, appOf: AppOf, { ageRules, identity }: PromptRules) {
  const policy = base();
  policy.add(new Prompt({ name: 'ehr_launch' }, launchToConfirm), 0);
  policy.get('login')?.checks.add(ehrSession(store));
  policy.get('login')?.checks.add(idleSession(store));
  policy.get('login')?.checks.add(steppedUp(appOf));
  policy.add(proofingPrompt(store, appOf, identity), 2);
  policy.add(new Prompt({ name: 'launch_context' }, patientToChoose(store, ageRules)), 3);
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

/**
 * A session without her for an hour is signed in to again, and goes on: the request is kept, and so is what lives with
 * the session. A request that may ask her nothing (`prompt=none`) does not show that she is here.
 */
const idleSession = (store: Store) =>
  new Check('session_idle', 'End-User authentication is required', 'login_required', async ({ oidc }) => {
    const { uid = '', accountId, loginTs = 0 } = oidc.session ?? {};
    if (accountId === undefined) return false;
    const login = oidc.result?.login;
    if (login?.accountId === accountId) {
      const passkeyId = textOf(login.passkeyId);
      const signIn = { uid, accountId, passkeyId, signedInAt: loginTs, seconds: SESSION_S };
      if (await recordSignIn(store, signIn)) return false;
      throw new errors.SessionNotFound('the session was ended meanwhile');
    }
    const present = !oidc.prompts.has('none');
    return (await findSessionUse(store, { uid, accountId, present })) === undefined;
  });

/** Whom an EHR signed in is signed in for each launch. */
const steppedUp = (appOf: AppOf) =>
  new Check('stepped_up', 'End-User authentication is required', 'login_required', async (ctx) => {
    const { session, client, params } = ctx.oidc;
    if (session?.accountId === undefined || client === undefined || params?.launch !== undefined)
      return false;
    return isBefore(session.loginTs, (await appOf(ctx, client)).steppedUpAt);
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
