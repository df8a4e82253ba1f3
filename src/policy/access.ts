// Whether one request to a FHIR server is allowed now, and under which obligations. The rules begin with those of
// introspection, so that a token that is not active there opens nothing here.
import type { Reason } from '../errors.ts';
import { type AccessFacts, type AccessSettings, disclosureOf, holderOf } from './access-facts.ts';
import { isRecent, isStrongEnough, type StepUp, signInOf } from './assurance.ts';
import { isWithinWindows } from './contract-hours.ts';
import { operationAgreed } from './contract-limits.ts';
import {
  isInNetwork,
  isNow,
  isWithinHours,
  profileAllows,
  roleAllows,
  transactionAllows,
} from './exchange.ts';
import { isExport, isKnownRequest, needsOf } from './needs.ts';
import { isFresh, type Obligation, obligationsOf } from './obligations.ts';
import { coversPurpose, includesPurpose } from './purpose-of-use.ts';
import { decide, type Rule } from './rules.ts';
import { isCovered, reachOf } from './scope-reach.ts';
import { mayDisclose, sensitivitiesOf } from './sensitivity.ts';
import { tokenAudience, tokenStanding } from './token.ts';
import { volumeBudget } from './volume.ts';

export type { AccessFacts, AccessSettings, AccessToken, AppTerms, RequestContext } from './access-facts.ts';
export type { StepUp } from './assurance.ts';
export type { Obligation } from './obligations.ts';

export type AccessDecision = (
  | { readonly permitted: true; readonly obligations: readonly Obligation[] }
  | { readonly permitted: false; readonly reason: Reason; readonly stepUp?: StepUp }
) & {
  /** What a resource without security labels counted as. */
  readonly unlabelled: AccessSettings['unlabelled'];
};

const ofToken: readonly Rule<AccessFacts>[] = [
  ...tokenStanding.map(([reason, holds]): Rule<AccessFacts> => [reason, ({ token }) => holds(token)]),
  ...tokenAudience.map(
    ([reason, holds]): Rule<AccessFacts> => [
      reason,
      ({ token, fhirBases }) => holds({ audience: token.audience, fhirBases }),
    ],
  ),
  // A resource server with several bases says which one was called.
  [
    'base_wrong',
    ({ token, context }) => context.fhirBase === undefined || context.fhirBase === token.audience,
  ],
];

const ofCircumstances: readonly Rule<AccessFacts>[] = [
  ['request_stale', ({ token, context }) => isNow(context.time, token.now)],
  ['network_not_allowed', ({ context, settings }) => isInNetwork(context.network, settings.networks)],
  ['device_not_compliant', ({ context }) => [undefined, 'compliant'].includes(context.device)],
  ['hours_over', ({ token, app }) => isWithinHours(token.now, app.hours)],
  // What was agreed binds whatever was reviewed.
  ['contract_hours', ({ token }) => isWithinWindows(token.now, token.contractLimits?.hours ?? null)],
  ['contract_operation', ({ token, request }) => operationAgreed(request, token.contractLimits)],
  // What was agreed to long ago is still held under what the app is registered for today.
  [
    'purpose_not_registered',
    ({ token, app }) => {
      const covers = token.breakGlassEndsAt === null ? coversPurpose : includesPurpose;
      return app.purposes.some((registered) => covers(registered, token.purpose));
    },
  ],
  ['purpose_differs', ({ token, context }) => [undefined, token.purpose].includes(context.purpose)],
  ['caller_role_wrong', ({ token, context }) => roleAllows(context.callerRole, token.purpose)],
  [
    'transaction_wrong',
    ({ token, context, request }) => transactionAllows(context.transactionType, token.purpose, request),
  ],
  [
    'exchange_profile_wrong',
    ({ app, context }) => profileAllows(context.exchangeProfile, app.exchangeProfile),
  ],
  ['export_not_registered', ({ app, request }) => !isExport(request) || app.exchangeProfile === 'bulk'],
  [
    'export_outside_hours',
    ({ token, request, settings }) => !isExport(request) || isWithinHours(token.now, settings.bulkHours),
  ],
];

const ofData: readonly Rule<AccessFacts>[] = [
  ['request_unknown', ({ request }) => isKnownRequest(request)],
  [
    'scope_insufficient',
    ({ token, request }) => {
      const holder = holderOf(token);
      return needsOf(request).every((need) => isCovered(holder, need));
    },
  ],
  [
    'patient_foreign',
    ({ token, request }) => {
      const holder = holderOf(token);
      return needsOf(request).every((need) => reachOf(holder, need).length > 0);
    },
  ],
  [
    'sensitivity_not_chosen',
    (facts) => {
      const disclosure = disclosureOf(facts);
      return setApart(facts).every((one) => mayDisclose(one, disclosure));
    },
  ],
];

const ofSignIn: readonly Rule<AccessFacts>[] = [
  ['sign_in_too_weak', ({ token, context }) => isStrongEnough(signInOf(token), context.acrValues)],
  [
    'sign_in_too_old',
    (facts) => {
      const { token, context } = facts;
      const isRecentEnough = isRecent(signInOf(token), context.maxAge, token.now);
      return isRecentEnough && (setApart(facts).length === 0 || isFresh(facts));
    },
  ],
];

/** What is sensitive of the one resource whose labels the resource server tells. */
const setApart = ({ request: { labels }, settings }: AccessFacts) =>
  labels === undefined ? [] : sensitivitiesOf(labels, settings.unlabelled);

export const access: readonly Rule<AccessFacts>[] = [
  ...ofToken,
  ...ofCircumstances,
  ...ofData,
  ...ofSignIn,
  ...volumeBudget,
];

export function decideAccess(facts: AccessFacts): AccessDecision {
  const { unlabelled } = facts.settings;
  const reason = decide(access, facts);
  if (reason === undefined) return { permitted: true, obligations: obligationsOf(facts), unlabelled };
  const stepUp = stepUpFor(reason, facts);
  return { permitted: false, reason, ...(stepUp && { stepUp }), unlabelled };
}

/** RFC 9470 §3: nobody can sign in anew for a backend service. */
function stepUpFor(reason: Reason, { token, context, settings }: AccessFacts): StepUp | undefined {
  if (token.grantId === null || !['sign_in_too_weak', 'sign_in_too_old'].includes(reason)) return undefined;
  const { acrValues } = context;
  const ages = [context.maxAge, settings.sensitiveMaxAge].filter((age) => typeof age === 'number');
  return { ...(acrValues && { acrValues }), ...(ages.length > 0 && { maxAge: Math.min(...ages) }) };
}
