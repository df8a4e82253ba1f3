// Which of an app's scopes were needed: what it may be granted, beside what was granted and what was seen to be used.
import { formatScope, parseScope, parseScopes, type ResourceScope } from '../smart/scope.ts';
import { intersect } from '../smart/scope-algebra.ts';

/** What the records of access say about a time. */
export interface SeenUse {
  /** Each kind of FHIR request that a decision permitted. */
  readonly requests: readonly { readonly resourceType: string; readonly interaction: string }[];
  /** Whether there was any access: also one of a server that asks about tokens and tells no request. */
  readonly accesses: number;
  /** Whether every request of the time is among them. */
  readonly isComplete: boolean;
}

/** `unknown`: there was access, but no request was told that needs it, or not all of them were looked at. */
export const SCOPE_STATES = ['used', 'unused', 'unknown', 'never_granted'] as const;

export interface ScopeUse {
  readonly scope: string;
  readonly state: (typeof SCOPE_STATES)[number];
  /** The letters of its interactions that were seen, `rs`. */
  readonly used: string;
}

/** SMART scopes-and-launch-context, "Scopes for requesting FHIR resources". */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ read: 'r', vread: 'r', search: 's', create: 'c', update: 'u', patch: 'u', delete: 'd' },
};

/** `granted`: the scopes that live consents hold; a scope of the system level is held by the app itself. */
export function scopeUse(ceiling: string, granted: readonly string[], seen: SeenUse): readonly ScopeUse[] {
  const held = granted.flatMap((text) => parseScope(text) ?? []);
  return parseScopes(ceiling).scopes.flatMap((scope) => {
    if (scope.kind !== 'resource') return [];
    const used = lettersUsed(scope, seen);
    const isGranted = scope.level === 'system' || intersect([scope], held).length > 0;
    return [{ scope: formatScope(scope), state: stateOf(used, isGranted, seen), used }];
  });
}

function lettersUsed({ resourceType, interactions }: ResourceScope, { requests }: SeenUse): string {
  const letters = requests
    .filter((request) => resourceType === '*' || request.resourceType === resourceType)
    // Histories and operations read what they answer with.
    .map(({ interaction }) => LETTERS[interaction] ?? 'rs')
    .join('');
  return [...interactions].filter((letter) => letters.includes(letter)).join('');
}

function stateOf(used: string, isGranted: boolean, { requests, accesses, isComplete }: SeenUse) {
  if (used !== '') return 'used';
  if (!isGranted) return 'never_granted';
  const isToldAll = accesses === 0 || (requests.length > 0 && isComplete);
  return isToldAll ? 'unused' : 'unknown';
}

export interface PeerFacts {
  readonly appId: string;
  /** Purposes and exchange profile: apps that say the same of themselves are peers. */
  readonly group: string;
  readonly scopes: number;
  /** null: nobody uses it. */
  readonly accessesPerPatient: number | null;
}

export interface PeerComparison {
  readonly peers: number;
  readonly scopes: number;
  /** null: there are too few to compare with. */
  readonly medianScopes: number | null;
  readonly accessesPerPatient: number | null;
  readonly medianAccessesPerPatient: number | null;
}

/** Of fewer, the median would tell one competitor about another. */
export const LEAST_PEERS = 3;

export const peerGroup = (purposes: readonly string[], exchangeProfile: string | null): string =>
  `${[...purposes].sort().join(' ')} ${exchangeProfile ?? ''}`;

export function comparePeers(own: PeerFacts, all: readonly PeerFacts[]): PeerComparison {
  const peers = all.filter(({ appId, group }) => group === own.group && appId !== own.appId);
  const used = peers.flatMap(({ accessesPerPatient }) => accessesPerPatient ?? []);
  return {
    peers: peers.length,
    scopes: own.scopes,
    medianScopes: medianOf(peers.map(({ scopes }) => scopes)),
    accessesPerPatient: own.accessesPerPatient,
    medianAccessesPerPatient: medianOf(used),
  };
}

function medianOf(values: readonly number[]): number | null {
  if (values.length < LEAST_PEERS) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return rounded((low + high) / 2);
}

export const rounded = (value: number): number => Math.round(value * 100) / 100;
