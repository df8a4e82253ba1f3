// The cut-offs that can have ended tokens which still live: few, as tokens live for minutes. They are only ever added, and
// each addition changes the revocation clock, or the version of the registry where an app takes those of its owner along.
import type { EndedKind } from './cut-offs.ts';
import type { Store } from './database.ts';

export interface CutOffs {
  /** In which snapshot they were read. */
  readonly registryVersion: string;
  readonly clock: number;
  /** All of them after this clock are here. */
  readonly since: number;
  /** By kind and subject the last one. */
  readonly last: ReadonlyMap<string, number>;
}

export const NO_CUT_OFFS: CutOffs = {
  registryVersion: '',
  clock: 0,
  since: Number.POSITIVE_INFINITY,
  last: new Map(),
};

type Row = readonly [
  registryVersion: string,
  clock: number,
  cutOffs: readonly (readonly [kind: string, subjectId: string, tokensBefore: number])[],
];

const READ = `
  SELECT k.registry_version::text, k.value::float8, (
    SELECT coalesce(json_agg(json_build_array(x.kind, x.subject_id, x.tokens_before)), '[]')
    FROM cut_off x WHERE x.tokens_before > $1)
  FROM revocation_clock k WHERE k.id = 1`;

/** All that tokens may have been ended by whose clock is `since` or later. */
export async function readCutOffs(store: Store, since: number): Promise<CutOffs> {
  const [row] = await store.hot<Row>(READ, [since]);
  if (row === undefined) throw new Error('the revocation clock is gone');
  const [registryVersion, clock, cutOffs] = row;
  const last = new Map<string, number>();
  for (const [kind, subjectId, before] of cutOffs) {
    const subject = `${kind} ${subjectId}`;
    last.set(subject, Math.max(before, last.get(subject) ?? 0));
  }
  return { registryVersion, clock, since, last };
}

/** Kinds and subjects, one after the other. */
export type Subjects = readonly (readonly [kind: EndedKind, id: string | null])[];

/** The last cut-off of all of these; null: none. */
export function lastCutOff({ last }: CutOffs, subjects: Subjects): number | null {
  if (last.size === 0) return null;
  const found = subjects.map(([kind, id]) => last.get(`${kind} ${id}`) ?? 0);
  return Math.max(...found) || null;
}
