// Break-glass: access to one patient's record in an emergency, granted by a second person or looked into afterwards, for
// an hour at most; and the same for support by the operator's people.
import { formatScope, parseScopes, type Scope } from '../smart/scope.ts';
import { coversAll } from '../smart/scope-algebra.ts';
import type { Fault } from './faults.ts';
import { includesPurpose } from './purpose-of-use.ts';
import type { Rule } from './rules.ts';

/** What an emergency is, in HL7 v3 PurposeOfUse; nothing else is asked for by break-glass. */
export const EMERGENCIES = ['ETREAT', 'BTG'] as const;
/** HL7 v3 PurposeOfUse of who helps somebody with the system. */
export const SUPPORT_PURPOSE = 'HSYSADMIN';
export const MOST_MINUTES = 60;
export const REVIEW_OUTCOMES = ['justified', 'not_justified'] as const;

/** `approval`: a second person grants it before; `review`: it begins at once, and a second person looks into it within a day. */
export const GRANTING = ['approval', 'review'] as const;
export type Granting = (typeof GRANTING)[number];

export interface GlassFacts {
  /** Of the database, as all instants here. */
  readonly now: Date;
  readonly lapsesAt: Date;
  readonly deniedAt: Date | null;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly endedAt: Date | null;
}

export const GLASS_STATES = ['waiting', 'lapsed', 'denied', 'open', 'ended'] as const;
export type GlassState = (typeof GLASS_STATES)[number];

export function glassState({ now, lapsesAt, deniedAt, startsAt, endsAt, endedAt }: GlassFacts): GlassState {
  if (deniedAt !== null) return 'denied';
  if (startsAt === null) return now < lapsesAt ? 'waiting' : 'lapsed';
  return endedAt === null && endsAt !== null && now < endsAt ? 'open' : 'ended';
}

/** What an app is registered for, as far as break-glass asks. */
export interface GlassApp {
  readonly grantTypes: readonly string[];
  readonly audiences: readonly string[];
  readonly purposes: readonly string[];
  readonly scopeCeiling: string;
}

export interface GlassRequest {
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string;
}

/** What an app may not ask for. */
export function glassFaults({ audience, scope, purpose }: GlassRequest, app: GlassApp): Fault[] {
  const faults: readonly (Fault | false)[] = [
    !app.grantTypes.includes('client_credentials') && { field: 'appId', code: 'app_not_backend' },
    !app.audiences.includes(audience) && {
      ...{ field: 'fhirBaseUrl', code: 'audience_unregistered', value: audience },
    },
    !forEmergency(app, purpose) && { field: 'purpose', code: 'app_not_for_treatment', value: purpose },
    !isOfOnePatient(scope) && { field: 'scope', code: 'scope_not_of_patient', value: scope },
    isOfOnePatient(scope) &&
      !isWithinCeiling(app.scopeCeiling, scope) && {
        field: 'scope',
        code: 'scope_over_ceiling',
        value: scope,
      },
  ];
  return faults.filter((fault) => fault !== false);
}

/** Registered for treatment, an app may treat in an emergency: by break-glass alone (coversPurpose). */
const forEmergency = ({ purposes }: Pick<GlassApp, 'purposes'>, purpose: string) =>
  purposes.some((registered) => includesPurpose(registered, purpose));

/** Whether it may ask at all: for one emergency or another. */
export const mayAskInEmergency = (app: Pick<GlassApp, 'grantTypes' | 'purposes'>): boolean =>
  app.grantTypes.includes('client_credentials') && EMERGENCIES.some((purpose) => forEmergency(app, purpose));

/** Scopes of FHIR resources of the patient in context, and nothing else. */
function isOfOnePatient(scope: string): boolean {
  const { scopes, refused, tooLarge } = parseScopes(scope);
  const isOfPatient = (one: Scope) => one.kind === 'resource' && one.level === 'patient';
  return !tooLarge && scopes.length > 0 && refused.length === 0 && scopes.every(isOfPatient);
}

/** Who may read it of everybody may read it of one (SMART scopes-and-launch-context, system scopes). */
function isWithinCeiling(ceiling: string, scope: string): boolean {
  const { scopes } = parseScopes(ceiling);
  const ofEach = scopes.flatMap((one): Scope[] =>
    one.kind === 'resource' && one.level === 'system' ? [{ ...one, level: 'patient' }] : [],
  );
  return coversAll([...scopes, ...ofEach], parseScopes(scope).scopes);
}

/** The same scopes at the level at which a backend service holds them. */
export const ofEverybody = (scope: string): string =>
  parseScopes(scope)
    .scopes.map((one) => formatScope(one.kind === 'resource' ? { ...one, level: 'system' } : one))
    .join(' ');

/** A token that an app asks for by break-glass. */
export interface GlassUse extends GlassFacts, GlassRequest {
  readonly kind: string;
  /** Whose it is. */
  readonly appId: string | null;
  /** Who asks, as it is registered now. */
  readonly app: GlassApp & { readonly id: string };
  /** What the request itself says; undefined: nothing. */
  readonly asked: { readonly [Name in keyof GlassRequest]: string | undefined };
}

const says = (asked: string | undefined, granted: string) => asked === undefined || asked === granted;

export const glassUse: readonly Rule<GlassUse>[] = [
  ['break_glass_unknown', ({ kind, appId, app }) => kind === 'treatment' && appId === app.id],
  ['break_glass_closed', (glass) => glassState(glass) === 'open'],
  [
    'audience_unknown',
    ({ app, audience, asked }) => app.audiences.includes(audience) && says(asked.audience, audience),
  ],
  [
    'purpose_not_registered',
    ({ app, purpose, asked }) => forEmergency(app, purpose) && says(asked.purpose, purpose),
  ],
  [
    'scope_over_ceiling',
    ({ app, scope, asked }) => isWithinCeiling(app.scopeCeiling, scope) && says(asked.scope, scope),
  ],
];
