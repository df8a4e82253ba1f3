// How surely the person of a session proved who she is: as the passkey that the session rests on carries it.
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import {
  higher,
  type IdentityLevel,
  levelOf,
  levelOfAcr,
  levelWanted,
  type RequiredLevels,
  reaches,
  requiredLevel,
} from '../policy/identity-assurance.ts';
import type { App } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { findSignIn, type SignIn } from '../store/sign-ins.ts';
import { readAccount } from './accounts.ts';
import type { AppOf } from './clients.ts';
import { onceARequest } from './once-a-request.ts';
import { textOf } from './parameters.ts';
import { requestedPurpose } from './resources.ts';

const { Check, Prompt } = interactionPolicy;

export interface IdentityRules {
  readonly required: RequiredLevels;
  /** Whether there is anywhere to prove more. */
  readonly available: boolean;
}

const readSignIn = onceARequest<SignIn | undefined>(findSignIn);

interface Who {
  readonly sessionUid?: string | undefined;
  readonly accountId?: string | undefined;
}

async function levelIn(store: Store, { sessionUid, accountId }: Who): Promise<IdentityLevel | undefined> {
  if (sessionUid === undefined || accountId === undefined) return undefined;
  const signIn = await readSignIn(store, sessionUid);
  return signIn?.accountId === accountId ? levelOf(signIn.proofing, signIn.now) : undefined;
}

/** Of what is issued now: of the session in which its code was, and as it stands at this moment. */
export const levelOfIssue = (store: Store, { oidc: { entities } }: KoaContextWithOIDC) =>
  levelIn(store, entities.AuthorizationCode ?? entities.RefreshToken ?? {});

/** Nothing new is issued where more is asked for than stands by now; who comes from an EHR was identified there. */
export async function refuseLowLevel(
  store: Store,
  { required }: IdentityRules,
  ctx: KoaContextWithOIDC,
  { app, purpose }: { readonly app: App; readonly purpose: string },
): Promise<void> {
  const level = requiredLevel(required, { appId: app.id, purpose });
  if (level === undefined || reaches(await levelOfIssue(store, ctx), level)) return;
  const account = await readAccount(store, ctx.oidc.account?.accountId ?? '');
  if ((account?.ehrUser ?? null) !== null) return;
  throw new errors.InvalidGrant('the patient must prove again who she is');
}

/** The level that a request asks for and the session has not; RFC 9470 §4 by `acr_values`, or by what the operator set. */
async function missingLevel(
  store: Store,
  appOf: AppOf,
  { required, available }: IdentityRules,
  ctx: KoaContextWithOIDC,
): Promise<IdentityLevel | undefined> {
  const { client, params, session } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined || params?.launch !== undefined)
    return undefined;
  const app = await appOf(ctx, client);
  const set = requiredLevel(required, { appId: app.id, purpose: requestedPurpose(ctx, app) });
  const acrValues = available ? (textOf(params?.acr_values) ?? '').split(' ') : [];
  if (set === undefined && !acrValues.some((value) => levelOfAcr(value) !== undefined)) return undefined;
  if (((await readAccount(store, session.accountId))?.ehrUser ?? null) !== null) return undefined;
  const level = await levelIn(store, { sessionUid: session.uid, accountId: session.accountId });
  const asked = higher(set, levelWanted(acrValues, { acr: session.acr, level }));
  return asked === undefined || reaches(level, asked) ? undefined : asked;
}

export function proofingPrompt(store: Store, appOf: AppOf, rules: IdentityRules) {
  const missing = (ctx: KoaContextWithOIDC) => missingLevel(store, appOf, rules, ctx);
  return new Prompt(
    { name: 'proofing' },
    new Check(
      'identity_level_too_low',
      'who the End-User is was not proved as surely as is asked for',
      'interaction_required',
      async (ctx) => (await missing(ctx)) !== undefined,
      async (ctx) => ({ level: await missing(ctx) }),
    ),
  );
}
