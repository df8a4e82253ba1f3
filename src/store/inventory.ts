// Every path to PHI, read along one order: kind by kind, in each by name.
import type { ContractPeriod, NextContract } from '../policy/contract-period.ts';
import { PATH_KINDS, type PathFacts, type PathKind } from '../policy/findings.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { PATH_CONDITIONS, type PathCondition, pathSources } from './inventory-sources.ts';
import type { Contact } from './organizations.ts';
import { standingAt } from './platforms.ts';

export type PathFilter = Readonly<Partial<Record<PathCondition, string | undefined>>> & {
  readonly kind?: PathKind | undefined;
  /** Part of the name, or the id. */
  readonly text?: string | undefined;
};

/** A path with what its findings are made from. */
export type PathRow = PathFacts & {
  readonly id: string;
  readonly name: string;
  readonly ofEnvironments: readonly string[];
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  readonly ownerId: string | null;
  readonly backupOwnerId: string | null;
  readonly backupName: string | null;
  readonly backupLeftAt: Date | null;
  readonly contractEndsAt: Date | null;
  readonly attestationDueAt: Date | null;
  readonly purposes: readonly string[];
  /** The scope ceilings of what it opens. */
  readonly ceilings: readonly string[];
  readonly roles: readonly string[];
};

/** Where the walk stands: after that path, or at the beginning of a kind. */
export interface PathPlace {
  readonly kind: PathKind;
  readonly after: readonly [name: string, id: string] | null;
}

const ABSENT = {
  ...{
    ofEnvironments: [],
    purposes: [],
    ceilings: [],
    roles: [],
    ownerId: null,
    ownerName: null,
    ownerLeftAt: null,
  },
  ...{
    backupOwnerId: null,
    backupName: null,
    backupLeftAt: null,
    contractEndsAt: null,
    attestationDueAt: null,
  },
  ...{ credentialSince: null, credentialEndsAt: null },
};

/** The paths after a place, at most `limit`, all of one kind; and where to go on, null at the end of the last kind. */
export async function readPaths(
  store: Store,
  filter: PathFilter,
  place: PathPlace | null,
  limit: number,
): Promise<{ rows: readonly PathRow[]; next: PathPlace | null }> {
  const kinds = PATH_KINDS.filter((kind) => isAskedFor(kind, filter));
  const from = place === null ? 0 : kinds.indexOf(place.kind);
  const kind = kinds[from];
  if (kind === undefined) return { rows: [], next: null };
  const { text, values } = statement(store, kind, filter, place?.after ?? null, limit);
  const rows = (await store.sql<Found>(text, values)).map(
    ({ contacts, ...row }): PathRow => ({
      ...ABSENT,
      ...(row.kind === 'app' ? standingAt(row, row.now) : row),
      ownerName: row.ownerName ?? contactOf(contacts),
    }),
  );
  const [last, following] = [rows.at(-1), kinds[from + 1]];
  if (rows.length === limit && last !== undefined)
    return { rows, next: { kind, after: [last.name, last.id] } };
  return { rows, next: following === undefined ? null : { kind: following, after: null } };
}

type Found = PathRow &
  ContractPeriod & { readonly nextContract: NextContract | null; readonly contacts?: readonly Contact[] };

const isAskedFor = (kind: PathKind, filter: PathFilter) =>
  (filter.kind === undefined || filter.kind === kind) &&
  PATH_CONDITIONS.every((name) => !filter[name] || pathSources[kind].conditions[name] !== undefined);

function statement(
  { clock }: Store,
  kind: PathKind,
  filter: PathFilter,
  after: PathPlace['after'],
  limit: number,
) {
  const { columns, from, where, name, id, conditions } = pathSources[kind];
  const values: unknown[] = [clock.offsetMs];
  const put = (value: unknown) => `$${values.push(value)}`;
  const asked = PATH_CONDITIONS.flatMap((condition) => {
    const [value, sql] = [filter[condition], conditions[condition]];
    return value && sql ? [sql.replaceAll('?', put(value))] : [];
  });
  if (filter.text) {
    const part = put(filter.text);
    asked.push(`(strpos(lower(${name}), lower(${part})) > 0 OR ${id} = ${part})`);
  }
  if (after !== null) {
    const [lastName, lastId] = after.map(put);
    asked.push(`${name} >= ${lastName} AND (${name} > ${lastName} OR ${id} > ${lastId})`);
  }
  const text = `
    SELECT ${sqlNow(1)} AS now, '${kind}' AS kind, ${id} AS id, ${name} AS name, ${columns}
    FROM ${from} WHERE ${[where, ...asked].join(' AND ')}
    ORDER BY ${name}, ${id} LIMIT ${put(limit)}`;
  return { text, values };
}

const CONTACT_ORDER: readonly Contact['role'][] = ['privacy', 'security', 'business', 'technical'];

/** Who answers for an organization without people here. */
function contactOf(contacts: readonly Contact[] = []): string | null {
  const named = CONTACT_ORDER.map((role) => contacts.find((contact) => contact.role === role));
  return named.find((contact) => contact !== undefined)?.name ?? null;
}
