// Identity assurance: patients prove who they are at OpenID providers that others run, are matched to exactly one patient
// and bound to a passkey. Knows those providers and no page of patient/: app.ts hands over what the two share.
import type Router from '@koa/router';
import type { JWK } from 'jose';
import type { TrustConfig } from '../config-trust.ts';
import { StartError } from '../errors.ts';
import type { SafeFetch } from '../outside/safe-fetch.ts';
import { isPurpose } from '../policy/purpose-of-use.ts';
import type { StaffTrustDeps, TrustDeps } from './deps.ts';
import { strictMatcher } from './matcher.ts';
import { createProofing } from './proofing.ts';
import { type ProviderInput, type ProviderSettings, readProviders } from './provider-settings.ts';
import { trustRoutes } from './routes.ts';
import { staffSignInRoutes } from './staff-sign-in.ts';
import { createUpstream } from './upstream.ts';

export interface TrustOptions
  extends Omit<TrustDeps, 'upstream' | 'matcher'>,
    Pick<StaffTrustDeps, 'staffSessions' | 'sealKey' | 'networkOf'> {
  readonly fetch: SafeFetch;
  readonly signingKeys: readonly JWK[];
  /** For development and tests: what is reached on this machine is reached without TLS. */
  readonly allowInsecure: boolean;
}

/** Those of the operator's file, and more. Nothing may be asked for that nobody could prove. */
export async function identityProviders(
  { providersFile, required }: TrustConfig,
  more: readonly ProviderInput[],
): Promise<readonly ProviderSettings[]> {
  const providers = await readProviders(providersFile, more);
  const unknown = Object.keys(required.purposes).find((code) => !isPurpose(code));
  if (unknown !== undefined)
    throw new StartError(`POSTERN_REQUIRED_IAL: ${unknown} is not a code of HL7 v3 PurposeOfUse.`);
  const asked = Object.keys(required.purposes).length + Object.keys(required.apps).length;
  if (asked > 0 && providers.length === 0)
    throw new StartError(
      'POSTERN_REQUIRED_IAL asks for what nobody can prove: set POSTERN_IDENTITY_PROVIDERS_FILE.',
    );
  return providers;
}

export function createTrust({ fetch, signingKeys, allowInsecure, ...deps }: TrustOptions): {
  readonly proofing: ReturnType<typeof createProofing>;
  readonly routes: Router;
  readonly staffRoutes: Router;
} {
  const upstream = createUpstream({ fetch, signingKeys, allowInsecure });
  const all = { ...deps, upstream, matcher: strictMatcher(deps.store) };
  return { proofing: createProofing(all), routes: trustRoutes(all), staffRoutes: staffSignInRoutes(all) };
}
