// Whether one request to a FHIR server is allowed now, and under which obligations. The rules begin with those of
// introspection, so that a token that is not active there opens nothing here.
import type { Reason } from '../errors.ts';
import type { FhirRequest } from './fhir-request.ts';
import { decide, type Rule } from './rules.ts';
import { type TokenFacts, tokenAudience, tokenStanding } from './token.ts';
import type { Hours } from './use-case.ts';

/** The token as introspection reads it (store/introspections). */
export interface AccessToken extends TokenFacts {
  readonly audience: string;
  readonly purpose: string;
  /** `patient` and `fhirUser` as in the introspection answer; `acr` and `auth_time` (RFC 9470 §6.2), where known. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** What the registration of the app says beyond its standing. */
export interface AppTerms {
  /** PurposeOfUse codes of the revision in force. */
  readonly purposes: readonly string[];
  /** Of its use case: `interactive`, `batch`, `bulk`, `event`; null: it does not say. */
  readonly exchangeProfile: string | null;
  readonly hours: Hours | null;
}

/** What the resource server tells of the circumstances; undefined: it does not tell. */
export interface RequestContext {
  /** The address that the request came from. */
  readonly network?: string;
  /** CAEP §3.5: `compliant` or `not-compliant`. */
  readonly device?: string;
  /** What the calling service is: policy/exchange. */
  readonly callerRole?: string;
  readonly transactionType?: string;
  readonly exchangeProfile?: string;
  readonly time?: Date;
  /** Of the resource server's FHIR bases the one that was called. */
  readonly fhirBase?: string;
  /** The PurposeOfUse that the request itself states. */
  readonly purpose?: string;
  /** RFC 9470 §3: what the resource server itself asks for this request, best first. */
  readonly acrValues?: readonly string[];
  /** Seconds since the person signed in, at most. */
  readonly maxAge?: number;
}

/** What the app used in this hour, this request included; null limit: none. */
export interface Budget {
  readonly patients: number;
  readonly resources: number;
  readonly patientsLimit: number | null;
  readonly resourcesLimit: number | null;
}

/** What the operator decided for everyone. */
export interface AccessSettings {
  /** What a resource without security labels counts as. */
  readonly unlabelled: 'normal' | 'restricted';
  /** When `$export` may be started. */
  readonly bulkHours: Hours;
  /** Networks (CIDR) that requests may come from; empty: any. */
  readonly networks: readonly string[];
  /** How long after signing in a person's token still opens what is sensitive, in seconds; null: as long as it lives. */
  readonly sensitiveMaxAge: number | null;
}

export interface AccessFacts {
  readonly token: AccessToken;
  readonly app: AppTerms;
  /** The FHIR bases of the resource server that asks. */
  readonly fhirBases: readonly string[];
  readonly request: FhirRequest;
  readonly context: RequestContext;
  /** undefined: not counted yet, so not asked for. */
  readonly budget?: Budget;
  readonly settings: AccessSettings;
}

/** What the resource server must do beside: one that cannot must refuse (AuthZEN, obligations). */
export type Obligation =
  /** Only what at least one alternative finds may be answered or written; each is search parameters that all hold. */
  | { readonly type: 'filter'; readonly alternatives: readonly (readonly (readonly [string, string])[])[] }
  /** What carries one of these labels, `system|code`, and what carries none if so said, is left out as if it were not there. */
  | { readonly type: 'redact'; readonly labels: readonly string[]; readonly unlabelled: boolean }
  /** The disclosure must be in the resource server's own log, too. */
  | { readonly type: 'log'; readonly about: 'sensitive' | 'export' | 'representative' };

/** RFC 9470 §3: what the person would have to do for this request. */
export interface StepUp {
  readonly acrValues?: readonly string[];
  readonly maxAge?: number;
}

export type AccessDecision = (
  | { readonly permitted: true; readonly obligations: readonly Obligation[] }
  | { readonly permitted: false; readonly reason: Reason; readonly stepUp?: StepUp }
) & {
  /** What a resource without security labels counted as. */
  readonly unlabelled: AccessSettings['unlabelled'];
};

export const access: readonly Rule<AccessFacts>[] = [
  ...tokenStanding.map(([reason, holds]): Rule<AccessFacts> => [reason, ({ token }) => holds(token)]),
  ...tokenAudience.map(
    ([reason, holds]): Rule<AccessFacts> => [
      reason,
      ({ token, fhirBases }) => holds({ audience: token.audience, fhirBases }),
    ],
  ),
];

export function decideAccess(facts: AccessFacts): AccessDecision {
  const { unlabelled } = facts.settings;
  const reason = decide(access, facts);
  if (reason !== undefined) return { permitted: false, reason, unlabelled };
  return { permitted: true, obligations: [], unlabelled };
}
