// What an owner confirms in a campaign: the snapshot that was frozen at its opening, item by item.
import type { Fault } from './faults.ts';
import type { PeerComparison, ScopeUse } from './scope-use.ts';

/** What is to be confirmed, in the order of the page. */
export const ATTESTED_ITEMS = ['use_case', 'purposes', 'scopes', 'contract', 'subprocessors'] as const;
export type AttestedItem = (typeof ATTESTED_ITEMS)[number];

/** `confirm`: all of it is still true and needed; `end`: the app is to end. */
export const ATTESTATION_DECISIONS = ['confirm', 'end'] as const;

/** What becomes of an app that nobody answered for on the due date. */
export const ON_SILENCE = ['suspend', 'report'] as const;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Texts = Readonly<Record<string, Json>>;

/** An app as it was at one instant: JSON, of which the hash is taken. */
export interface Snapshot {
  readonly appId: string;
  readonly takenAt: string;
  readonly organization: { readonly id: string; readonly legalName: string };
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly revision: {
    readonly id: string;
    readonly number: number;
    readonly name: string;
    readonly purposeStatement: string;
    readonly purposes: readonly string[];
    readonly scopeCeiling: string;
    readonly useCase: Texts;
    readonly subprocessors: readonly {
      readonly organizationId: string;
      readonly legalName: string;
      readonly service: string;
    }[];
  };
  /** All that is kept of the contract; null: it is under none. */
  readonly contract: Texts | null;
  readonly use: {
    readonly days: number;
    readonly lastUsedAt: string | null;
    readonly liveConsents: number;
    readonly livePatients: number;
    /** Minutes in which a resource server asked about one of its tokens, of the newest `countedTo`. */
    readonly accesses: number;
    readonly countedTo: number;
    readonly scopes: readonly ScopeUse[];
    readonly peers: PeerComparison;
  };
}

/** What an attestation is about, as it is now. */
export type Bound = Pick<Snapshot, 'contract'> & {
  readonly organizationId: string;
  readonly revisionId: string | null;
};

export const CHANGEABLE = ['organization', 'revision', 'contract'] as const;

/** What is not any more as the snapshot says: an answer to it would be an answer to something else. */
export function changedSince(snapshot: Snapshot, now: Bound): (typeof CHANGEABLE)[number][] {
  const same = {
    organization: snapshot.organization.id === now.organizationId,
    revision: snapshot.revision.id === now.revisionId,
    contract: canonicalJson(snapshot.contract) === canonicalJson(now.contract),
  };
  return CHANGEABLE.filter((one) => !same[one]);
}

export interface Answer {
  readonly decision: (typeof ATTESTATION_DECISIONS)[number];
  readonly confirmed: readonly AttestedItem[];
  readonly givenUpScopes: readonly string[];
  readonly note: string | null;
}

/** What an answer leaves open: nothing is confirmed by silence. */
export function answerFaults({ use }: Snapshot, answer: Answer): Fault[] {
  const { decision, confirmed, givenUpScopes, note } = answer;
  if (decision === 'end') return note === null ? [{ field: 'note', code: 'required' }] : [];
  const held = use.scopes.map(({ scope }) => scope);
  return [
    ...ATTESTED_ITEMS.filter((item) => !confirmed.includes(item)).map((value) => ({
      ...{ field: 'confirmed', code: 'item_unconfirmed' as const, value },
    })),
    ...givenUpScopes
      .filter((scope) => !held.includes(scope))
      .map((value) => ({ field: 'givenUpScopes', code: 'not_one_of' as const, value })),
    // Whoever needs none of them has no use for the app.
    ...(held.length > 0 && held.every((scope) => givenUpScopes.includes(scope))
      ? [{ field: 'givenUpScopes', code: 'scopes_all_given_up' as const }]
      : []),
  ];
}

/** The same text for the same content, whatever order its members came in (as RFC 8785 sorts them). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
}

export const CAMPAIGN_OUTCOMES = ['confirmed', 'narrowed', 'ending', 'late', 'silent', 'unanswered'] as const;
export type CampaignOutcome = (typeof CAMPAIGN_OUTCOMES)[number];

/** How an app stands in a campaign. */
export function outcomeOf(entry: {
  readonly decision: string | null;
  readonly givenUpScopes: readonly string[] | null;
  readonly attestedAt: Date | null;
  readonly silentAt: Date | null;
  readonly dueAt: Date;
}): CampaignOutcome {
  const { decision, givenUpScopes, attestedAt, silentAt, dueAt } = entry;
  if (decision === 'end') return 'ending';
  if (attestedAt !== null && attestedAt >= dueAt) return 'late';
  if (attestedAt !== null) return (givenUpScopes ?? []).length > 0 ? 'narrowed' : 'confirmed';
  return silentAt === null ? 'unanswered' : 'silent';
}
