// What a process remembers of what introspection read, and when that is true: the terms of a token for ever, since they
// never change; records of the registry as long as its version, which comes with each answer, is the one they were read
// at; cut-offs as long as the revocation clock stands, too.
import type { AppTerms } from '../policy/access.ts';
import type { ContractPeriod, NextContract } from '../policy/contract-period.ts';
import type { ClientFacts } from '../policy/standing.ts';
import { type CutOffs, NO_CUT_OFFS } from './recent-cut-offs.ts';

/** What never changes of a token: when and for what it was issued, and the decision that it rests on. */
export interface Terms {
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  /** The revocation clock at its issue. */
  readonly clock: number;
  readonly clientId: string;
  /** With which of its keys the client proved itself. */
  readonly keyId: string | null;
  readonly grantId: string | null;
  readonly sessionUid: string | null;
  readonly accountId: string | null;
  /** The EHR that signed the account in, if one did. */
  readonly ehrId: string | null;
  readonly patientId: string | null;
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly consentOrganizationId: string | null;
  readonly consentDecidedAt: number | null;
  /** As it was decided: an amendment says otherwise. */
  readonly consentExpiresAt: number | null;
  readonly representationId: string | null;
}

/** Of an app: its standing, and what else it says about its tokens. */
export interface AppFacts extends ClientFacts, ContractPeriod {
  readonly id: string;
  readonly organizationId: string;
  readonly nextContract: NextContract | null;
  readonly audiences: readonly string[];
  /** What decisions ask beside its standing. */
  readonly terms: AppTerms;
  /** Scopes that a recorded change stops until it is approved. */
  readonly stoppedScopes: readonly string[];
}

export interface EhrFacts {
  readonly id: string;
  readonly suspendedAt: Date | null;
}

/** A resource server that asks. */
export interface ServerFacts {
  readonly id: string;
  readonly suspendedAt: Date | null;
  readonly fhirBases: readonly string[];
  /** Of its private_key_jwt. */
  readonly jwks: unknown;
  /** Those that nobody revoked. */
  readonly secrets: readonly { readonly hash: string; readonly endsAt: Date }[];
}

/** The registry at one version, as far as it was read. */
export interface Registry {
  readonly version: string;
  readonly apps: Map<string, AppFacts>;
  readonly ehrs: Map<string, EhrFacts>;
  readonly servers: Map<string, ServerFacts>;
}

const TOKENS_MAX = 50_000;
const RECORDS_MAX = 20_000;

export class IntrospectionMemory {
  cutOffs: CutOffs = NO_CUT_OFFS;
  #registry = emptyRegistry('');
  readonly #terms = new Map<string, Terms>();

  /** Undefined: what is remembered is of another version. */
  registryAt(version: string): Registry | undefined {
    return this.#registry.version === version ? this.#registry : undefined;
  }

  /** Begins anew when the version is another one. */
  fill(version: string): Registry {
    const { version: known, apps, ehrs, servers } = this.#registry;
    if (known !== version || apps.size + ehrs.size + servers.size > RECORDS_MAX)
      this.#registry = emptyRegistry(version);
    return this.#registry;
  }

  termsOf(tokenId: string): Terms | undefined {
    return this.#terms.get(tokenId);
  }

  /** The oldest go: tokens live for minutes. One that ends with its session is read anew each time. */
  keepTerms(tokenId: string, terms: Terms): void {
    if (terms.sessionUid !== null) return;
    this.#terms.set(tokenId, terms);
    if (this.#terms.size <= TOKENS_MAX) return;
    const [oldest = ''] = this.#terms.keys();
    this.#terms.delete(oldest);
  }
}

const emptyRegistry = (version: string): Registry => ({
  version,
  apps: new Map(),
  ehrs: new Map(),
  servers: new Map(),
});
