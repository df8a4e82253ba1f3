// One row of a history in words: who did what, whether it was allowed, and why.
import { isPurpose } from '../policy/purpose-of-use.ts';
import { isResourceType } from '../smart/resource-types.ts';
import type { HistoryRow } from '../store/history.ts';
import type { PartyNames } from '../store/party-names.ts';
import type { Translate } from '../web/messages.ts';
import { blockedWord } from './blocked-words.ts';
import { kinds } from './my-apps-view.ts';
import { sharedKinds } from './shared-kinds.ts';

export type Outcome = 'allowed' | 'blocked' | 'choice';

export interface HistoryWords {
  readonly app: string;
  readonly organization: string | null;
  /** From whom the data was, or would have been. */
  readonly source: string | null;
  /** A sentence. */
  readonly what: string;
  /** Kinds of data; none where it is about no data. */
  readonly kinds: readonly string[];
  /** How many entries it could open; null: nobody knows. */
  readonly count: string | null;
  readonly outcome: Outcome;
  /** Why it was blocked. */
  readonly reason: string | null;
  /** What for. */
  readonly purpose: string | null;
}

const WRITES: readonly unknown[] = ['create', 'update', 'patch', 'delete'];

const outcomeOf = (type: string): Outcome => {
  if (/\.(denied|refused)$/.test(type) && type !== 'consent.denied') return 'blocked';
  return type.startsWith('consent.') || type === 'finding.opened' ? 'choice' : 'allowed';
};

export function historyWords(row: HistoryRow, names: PartyNames, t: Translate): HistoryWords {
  const { type, appId, organizationId, resourceServerId, purpose, detail } = row;
  const app = names.apps.get(appId ?? '') ?? t('history.an-app');
  const outcome = outcomeOf(type);
  return {
    app,
    organization: names.organizations.get(organizationId ?? '') ?? null,
    source: names.servers.get(resourceServerId ?? '') ?? null,
    what: t(whatKey(row), { app, who: String(detail.who ?? '') }),
    kinds: kindsOf(row, t),
    count: outcome === 'allowed' && row.kind === 'event' ? countOf(detail, t) : null,
    outcome,
    reason: outcome === 'blocked' ? t(`history.blocked.${blockedWord(row.reason)}`) : null,
    purpose: purpose !== null && isPurpose(purpose) ? t(`purpose.${purpose}`) : null,
  };
}

function whatKey({ kind, type, detail }: HistoryRow): string {
  if (kind === 'use') return 'history.what.used';
  const isWrite = WRITES.includes(detail.interaction);
  if (type === 'decision.permitted') return isWrite ? 'history.what.changed' : 'history.what.read';
  if (type === 'decision.denied') return isWrite ? 'history.what.change-asked' : 'history.what.read-asked';
  if (type === 'introspection.refused') return 'history.what.use-asked';
  if (type === 'authorization.refused' || type === 'token.refused') return 'history.what.connect-asked';
  if (type === 'consent.withdrawn') return `history.what.ended-by-${enderOf(detail)}`;
  // What an app was given and what somebody of the operator saw are told apart.
  if (type.startsWith('break_glass.')) return `history.what.${type}.${detail.kind}`;
  return `history.what.${type}`;
}

const enderOf = ({ by }: HistoryRow['detail']) =>
  by === 'patient' || by === 'representative' ? by : by === 'app' ? 'app' : 'us';

/** `Observation/1`, `Observation?category,patient`: the type alone is a kind of data. */
function kindsOf({ kind, type, resource, detail }: HistoryRow, t: Translate): string[] {
  if (kind === 'use' || type === 'consent.granted' || type === 'consent.amended') {
    const shared = typeof detail.scope === 'string' ? sharedKinds(detail.scope) : [];
    return [...new Set([...kinds(shared, 'view', t), ...kinds(shared, 'change', t)])];
  }
  if (resource === null) return [];
  const [name = ''] = /^[A-Z][A-Za-z]*/.exec(resource) ?? [];
  return [isResourceType(name) ? t(`scope.${name}.name`) : t('history.other-data')];
}

function countOf({ resources, interaction }: HistoryRow['detail'], t: Translate): string | null {
  if (typeof resources !== 'number') return null;
  const isOne = interaction === 'read' || interaction === 'vread' || WRITES.includes(interaction);
  return t(isOne ? 'history.count' : 'history.count.most', { count: resources });
}
