import type { Access } from '../smart/consent-choices.ts';
import { CATEGORIES, isResourceType, RESOURCE_TYPES } from '../smart/resource-types.ts';
import { formatScope, type Level, parseScopes, type ResourceScope, type Scope } from '../smart/scope.ts';
import { covers } from '../smart/scope-algebra.ts';
import type { Fault } from './faults.ts';

export const BASES = [
  ...(['patient_request', 'treatment', 'payment', 'operations', 'contract'] as const),
  ...(['research_protocol', 'public_health', 'required_by_law'] as const),
] as const;

export const EXCHANGE_PROFILES = ['interactive', 'batch', 'bulk', 'event'] as const;

export const IDENTIFICATIONS = ['identified', 'limited_data_set', 'de_identified'] as const;

/** What PHI there may be: the words of the consent page. */
export const USE_CATEGORIES: readonly string[] = [
  'everything',
  ...RESOURCE_TYPES,
  ...CATEGORIES.map(({ key }) => key),
];

/** What PHI, on which basis, how, how much, for how long, and how access ends. null: not answered yet. */
export interface UseCase {
  /** Of USE_CATEGORIES. */
  readonly categories: readonly string[];
  readonly access: Access | null;
  readonly basis: (typeof BASES)[number] | null;
  /** The protocol, contract or law in which the basis is found. */
  readonly basisReference: string | null;
  readonly exchangeProfile: (typeof EXCHANGE_PROFILES)[number] | null;
  readonly volume: Volume | null;
  readonly hours: Hours | null;
  /** The last day of the use, `2027-03-31`, as UTC counts days. null: it has no end. */
  readonly endsAt: string | null;
  /** How a person, or the operator, ends the access, in words. */
  readonly revocation: string | null;
  /** ISO 3166-1 alpha-2: where data is kept. */
  readonly storageCountries: readonly string[];
  readonly legalReview: LegalReview | null;
  readonly minimization: Minimization | null;
}

const UNANSWERED: UseCase = {
  ...{ categories: [], access: null, basis: null, basisReference: null, exchangeProfile: null, volume: null },
  ...{
    hours: null,
    endsAt: null,
    revocation: null,
    storageCountries: [],
    legalReview: null,
    minimization: null,
  },
};

/** As it is kept, what it is silent about included. */
export const wholeUseCase = (kept: Partial<UseCase>): UseCase => ({ ...UNANSWERED, ...kept });

export interface Volume {
  readonly requestsPerHour: number;
  readonly patientsPerDay: number;
}

/** Every day from one hour to another, `08:00` to `18:00`. */
export type Hours = 'always' | { readonly from: string; readonly to: string; readonly timeZone: string };

export interface LegalReview {
  readonly by: string;
  readonly reference: string;
  /** `2026-11-22`. */
  readonly reviewedAt: string;
}

/** 45 CFR 164.502(b), 164.514: the least that serves. */
export interface Minimization {
  /** Why less would not do. */
  readonly necessity: string;
  readonly identification: (typeof IDENTIFICATIONS)[number];
}

/** What review and attestation compare an app with. */
export interface Ceiling {
  readonly scopes: readonly ResourceScope[];
  readonly operations: readonly string[];
  readonly volume: Volume | null;
  readonly hours: Hours | null;
}

/** The most that the use case can need: nothing while it says neither what nor how. */
export function ceilingOf({ categories, access, exchangeProfile, volume, hours }: UseCase): Ceiling {
  if (access === null || exchangeProfile === null) return { scopes: [], operations: [], volume, hours };
  // Bulk Data Access IG: an export is asked for by a system, never by a patient or a user.
  const levels: readonly Level[] = exchangeProfile === 'bulk' ? ['system'] : ['patient', 'user', 'system'];
  const interactions = access === 'view' ? 'rs' : 'cruds';
  const scopes = levels.flatMap((level) =>
    categories.map((category) => scopeOf({ level, interactions, category })),
  );
  const exported = exchangeProfile === 'bulk' ? ['export'] : [];
  const changed = access === 'change' ? ['create', 'update', 'delete'] : [];
  return { scopes, operations: ['read', 'search', ...changed, ...exported], volume, hours };
}

/** The records that a word of the consent page stands for. */
export function scopeOf(asked: { level: Level; interactions: string; category: string }): ResourceScope {
  const { level, interactions, category } = asked;
  const narrow = CATEGORIES.find(({ key }) => key === category);
  const resourceType = narrow?.resourceType ?? (isResourceType(category) ? category : '*');
  const constraints = narrow === undefined ? [] : ([['category', narrow.token]] as const);
  return { kind: 'resource', level, resourceType, interactions, constraints, v1: false };
}

/** Scopes beyond what the use case explains: launch, identity and refresh scopes open no record by themselves. */
export function ceilingFaults(scopeCeiling: string, useCase: UseCase): Fault[] {
  const allowed = ceilingOf(useCase).scopes;
  return parseScopes(scopeCeiling)
    .scopes.filter((scope) => scope.kind === 'resource' && !covers(allowed, scope))
    .map((scope) => ({
      field: 'scopeCeiling',
      code: 'scope_beyond_use_case' as const,
      value: formatScope(scope),
    }));
}

/** Scopes over all types, now and in future, take two who approve. */
export const needsSecondReviewer = (scopes: readonly Scope[]): boolean =>
  scopes.some((scope) => scope.kind === 'resource' && scope.resourceType === '*');

/** What is not answered yet, and must be before a review; an app that only signs people in touches no record. */
export function openUseCase(useCase: UseCase, { opensRecords }: { readonly opensRecords: boolean }): Fault[] {
  const { categories, storageCountries, basis, basisReference } = useCase;
  const always = ['basis', 'revocation'] as const;
  const ofRecords = ['access', 'exchangeProfile', 'volume', 'hours'] as const;
  const open = [...always, ...(opensRecords ? ofRecords : [])].filter(
    (question) => useCase[question] === null,
  );
  const fields: readonly (string | false)[] = [
    opensRecords && categories.length === 0 && 'categories',
    ...open,
    basis !== null && basis !== 'patient_request' && basisReference === null && 'basisReference',
    storageCountries.length === 0 && 'storageCountries',
  ];
  return fields
    .filter((field) => field !== false)
    .map((field) => ({ field: `useCase.${field}`, code: 'required' as const }));
}
