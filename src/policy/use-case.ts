import { type Access } from '../smart/consent-choices.ts';
import type { Scope } from '../smart/scope.ts';

export const BASES = [
  ...(['patient_request', 'treatment', 'payment', 'operations', 'contract'] as const),
  ...(['research_protocol', 'public_health', 'required_by_law'] as const),
] as const;

export const EXCHANGE_PROFILES = ['interactive', 'batch', 'bulk', 'event'] as const;

export const IDENTIFICATIONS = ['identified', 'limited_data_set', 'de_identified'] as const;

/** What PHI, on which basis, how, how much, for how long, and how access ends. null: not answered yet. */
export interface UseCase {
  /** Wording keys of smart/resource-types: a resource type, one of its categories, or `everything`. */
  readonly categories: readonly string[];
  readonly access: Access | null;
  readonly basis: (typeof BASES)[number] | null;
  /** The protocol, contract or law that the basis is found in. */
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

export interface Volume {
  readonly requestsPerHour: number;
  readonly patientsPerDay: number;
}

/** Every day from one hour to another, `08:00` to `18:00`; `always` has neither. */
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

/** What review and attestation compare an app against. */
export interface Ceiling {
  readonly scopes: readonly Scope[];
  readonly operations: readonly string[];
  readonly volume: Volume | null;
  readonly hours: Hours | null;
}
