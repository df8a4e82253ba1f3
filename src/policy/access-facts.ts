// What a decision about one request to a FHIR server rests on.
import { parseScope, type ResourceScope } from '../smart/scope.ts';
import { withinContract } from './contract-limits.ts';
import type { FhirRequest } from './fhir-request.ts';
import { withinConsent } from './live-scope.ts';
import type { Holder } from './scope-reach.ts';
import type { Disclosure } from './sensitivity.ts';
import { withoutStopped } from './stopped-scopes.ts';
import type { TokenFacts } from './token.ts';
import type { Hours } from './use-case.ts';
import type { Budget } from './volume.ts';

/** The token as introspection reads it (store/introspections). */
export interface AccessToken extends TokenFacts {
  readonly audience: string;
  readonly purpose: string;
  /** In whose name it acts, and over whose record, where that is known here. */
  readonly accountId: string | null;
  readonly patientId: string | null;
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
  /** CAEP, Device Compliance Change: `compliant` or `not-compliant`. */
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
  /** Purposes for which what is sensitive may be disclosed without a choice of the patient. */
  readonly sensitivePurposes: readonly string[];
}

export interface AccessFacts {
  readonly token: AccessToken;
  readonly app: AppTerms;
  /** The FHIR bases of the resource server that asks. */
  readonly fhirBases: readonly string[];
  readonly request: FhirRequest;
  readonly context: RequestContext;
  /** undefined: not counted yet. */
  readonly budget?: Budget;
  readonly settings: AccessSettings;
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** What never changes of a token is read once. */
const parsed = new WeakMap<object, { readonly scope: string; readonly scopes: readonly ResourceScope[] }>();

export function holderOf(token: AccessToken): Holder {
  const { extra } = token;
  return { scopes: scopesOf(token), patient: text(extra.patient), fhirUser: text(extra.fhirUser) };
}

function scopesOf({
  extra,
  scope,
  consentScope,
  contractLimits,
  stoppedScopes,
}: AccessToken): readonly ResourceScope[] {
  const known = parsed.get(extra);
  const scopes = known?.scope === scope ? known.scopes : resourceScopes(scope);
  if (known?.scope !== scope) parsed.set(extra, { scope, scopes });
  if (stoppedScopes.length === 0 && consentScope === null && contractLimits === null) return scopes;
  const agreed = withinContract(withinConsent(scopes, consentScope), contractLimits);
  return withoutStopped(agreed, stoppedScopes).filter((one) => one.kind === 'resource');
}

const resourceScopes = (scope: string): ResourceScope[] =>
  scope
    .split(' ')
    .flatMap((name) => parseScope(name) ?? [])
    .filter((one) => one.kind === 'resource');

export function disclosureOf({ token, settings }: AccessFacts): Disclosure {
  const { grantId, accountId, patientId, representationId, purpose } = token;
  const { sensitivePurposes } = settings;
  // Of an EHR launch the clinician decided, who cannot choose for the patient.
  const isOwn = accountId !== null && accountId === patientId;
  const decided = grantId !== null && (isOwn || representationId !== null);
  // Of what somebody else chose for her nothing more comes by the purpose alone (45 CFR 164.502(g)(3)).
  const byPurpose = representationId === null ? sensitivePurposes : [];
  return { scopes: scopesOf(token), decided, purpose, sensitivePurposes: byPurpose };
}
