// The commands on the records that open paths to PHI: organizations, people, apps and their revisions, keys, reviews.
// Portal, console, management API, registration and the command line all act through here; it knows no page and no
// protocol. This file: what the commands are given.
import type { SafeFetch } from '../outside/safe-fetch.ts';
import type { AgeRules } from '../policy/birthdays.ts';
import type { Granting } from '../policy/break-glass.ts';
import type { Sign } from '../provider/keys.ts';
import type { Store } from '../store/database.ts';

export interface RegistrySettings {
  readonly issuer: string;
  readonly operatorName: string;
  /** ISO 3166-1 alpha-2: what is elsewhere is a cross-border use. */
  readonly operatorCountry: string;
  /** The longest life of a secret and of a key, and of the overlap while one replaces another. */
  readonly secretDays: number;
  readonly keyDays: number;
  readonly overlapDays: number;
  /** From one approval or attestation to the next attestation. */
  readonly attestationDays: number;
  /** RFC 7591: off unless the operator says otherwise. */
  readonly registrationEnabled: boolean;
  /** When the rules of representation change. */
  readonly ageRules: AgeRules;
  /** Whether access in an emergency or for support is approved before, or reviewed after. */
  readonly breakGlass: Granting;
}

export interface RegistryDeps {
  readonly store: Store;
  readonly settings: RegistrySettings;
  readonly fetch: SafeFetch;
  /** Seals webhook secrets. */
  readonly sealKey: string;
  /** What is handed out for others to check. */
  readonly sign: Sign;
}
