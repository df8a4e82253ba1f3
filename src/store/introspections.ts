// What introspection must know of a token and of who asks, for all requests of a turn at once: never a cache, always the
// database's truth. Userinfo asks here, too.
import { type AccessTokenKey, accessTokenKey } from './access-token-key.ts';
import { createBatch } from './batch.ts';
import { loadOf } from './batch-loads.ts';
import type { Store } from './database.ts';
import { uuidOf } from './hash.ts';
import { mayName } from './identifier.ts';
import {
  answerFrom,
  answerFromWhole,
  type Introspected,
  type IntrospectedToken,
  type Question,
  type Snapshot,
} from './introspection-facts.ts';
import { IntrospectionMemory, type Terms } from './introspection-memory.ts';
import { BRIEF, type BriefRow, WHOLE, type WholeRow } from './introspection-statements.ts';
import { type CutOffs, NO_CUT_OFFS, readCutOffs } from './recent-cut-offs.ts';

export type { Introspected, IntrospectedToken } from './introspection-facts.ts';
export type { ServerFacts } from './introspection-memory.ts';

/** Where the database is near two batches take turns, where it is not several are on their way; beyond the queue it is 503. */
const LIMITS = { maxInFlight: 4, minBeside: 16, maxQueue: 2_000, maxItems: 200 } as const;

type Ask = (question: Question) => Promise<Introspected>;
const asking = new WeakMap<Store, Ask>();

function askOf(store: Store): Ask {
  const memory = new IntrospectionMemory();
  const ask = createBatch<Question, Introspected>({
    run: (all) => answerAll(store, memory, all),
    ...LIMITS,
    load: loadOf(store, 'introspection'),
  });
  asking.set(store, ask);
  return ask;
}

/** Of a token, and of the resource server that asks about it. */
export function findIntrospected(store: Store, token: string, serverId?: string): Promise<Introspected> {
  // What can be no token of ours is looked for, too: who asks is judged the same.
  return findKept(store, accessTokenKey(token) ?? { slot: 0, id: uuidOf(token) }, serverId);
}

/** The same of a token that is known by what is kept of it. */
export function findKept(store: Store, key: AccessTokenKey, serverId?: string): Promise<Introspected> {
  return (asking.get(store) ?? askOf(store))({ ...key, serverId });
}

/** Of who says that it is a resource server, and when that is true. */
export async function findAskingServer(
  store: Store,
  id: string,
): Promise<Pick<Introspected, 'server' | 'now'>> {
  return findIntrospected(store, '', mayName(id) ? id : undefined);
}

export async function findIntrospectedToken(
  store: Store,
  token: string,
): Promise<IntrospectedToken | undefined> {
  return (await findIntrospected(store, token)).token;
}

/** A statement is about one partition: at most two of them have live tokens. */
async function answerAll(store: Store, memory: IntrospectionMemory, questions: readonly Question[]) {
  const answers = new Map<Question, Introspected>();
  const bySlot = new Map<number, Question[]>();
  for (const question of questions) {
    const others = bySlot.get(question.slot);
    if (others === undefined) bySlot.set(question.slot, [question]);
    else others.push(question);
  }
  await Promise.all([...bySlot.values()].map((some) => answerOf(store, memory, some, answers)));
  return questions.map((question) => answers.get(question) as Introspected);
}

/** Answers what is asked about one partition. */
async function answerOf(
  store: Store,
  memory: IntrospectionMemory,
  questions: readonly Question[],
  answers: Map<Question, Introspected>,
): Promise<void> {
  const remembered = questions.map(({ id }) => memory.termsOf(id));
  const brief = await read<BriefRow>(store, memory, { statements: BRIEF, questions, terms: remembered });
  const registry = memory.registryAt(brief.snapshot.registryVersion);
  const known = registry && { ...brief, registry };
  const left: Question[] = [];
  for (const row of brief.rows) {
    const question = questions[row[0] - 1] as Question;
    const answer = known && answerFrom(row, question, known);
    if (answer === undefined) left.push(question);
    else answers.set(question, answer);
  }
  if (left.length === 0) return;
  const servers = left.map(({ serverId }) => serverId ?? null);
  const terms = left.map(() => undefined);
  const whole = await read<WholeRow>(store, memory, {
    statements: WHOLE,
    questions: left,
    terms,
    more: [servers],
  });
  const filled = { ...whole, registry: memory.fill(whole.snapshot.registryVersion) };
  for (const row of whole.rows) {
    const question = left[row[0] - 1] as Question;
    answers.set(question, answerFromWhole(row, question, filled));
  }
}

interface Reading<Row> {
  readonly rows: readonly Row[];
  readonly snapshot: Snapshot;
  /** Of each question, where there is such a token. */
  readonly terms: readonly (Terms | undefined)[];
}

interface Reads {
  /** Of each partition. */
  readonly statements: readonly string[];
  readonly questions: readonly Question[];
  /** Of each question, where they are remembered. */
  readonly terms: readonly (Terms | undefined)[];
  readonly more?: readonly unknown[];
}

async function read<Row extends BriefRow | WholeRow>(
  store: Store,
  memory: IntrospectionMemory,
  { statements, questions, terms: remembered, more = [] }: Reads,
): Promise<Reading<Row>> {
  const ids = questions.map(({ id }) => id);
  const terms = [...remembered];
  const grants = terms.map((known) => (known === undefined ? null : (known.grantId ?? '')));
  const statement = statements[questions[0]?.slot ?? 0] as string;
  const rows = await store.hot<Row>(statement, [ids, store.clock.offsetMs, grants, ...more]);
  const first = rows.find(([n]) => n === 1)?.[1];
  if (!first) throw new Error('the revocation clock is gone');
  const [registryVersion, clock, now] = first;
  let oldest = clock;
  for (const row of rows) {
    const place = row[0] - 1;
    const told = row[5];
    if (told !== null) {
      terms[place] = told;
      memory.keepTerms(ids[place] as string, told);
    }
    oldest = Math.min(oldest, terms[place]?.clock ?? clock);
  }
  const cutOffs =
    oldest < clock ? await cutOffsAt(store, memory, { registryVersion, clock, oldest }) : NO_CUT_OFFS;
  return { rows, terms, snapshot: { registryVersion, clock, now: new Date(now), cutOffs } };
}

interface CutOffsWanted {
  readonly registryVersion: string;
  readonly clock: number;
  /** The clock of the oldest token. */
  readonly oldest: number;
}

/** Those that are remembered, when nothing was added since; more than those of that snapshot do no harm. */
async function cutOffsAt(store: Store, memory: IntrospectionMemory, wanted: CutOffsWanted): Promise<CutOffs> {
  const { registryVersion, clock, since } = memory.cutOffs;
  const isWhole =
    registryVersion === wanted.registryVersion && clock === wanted.clock && since <= wanted.oldest;
  if (!isWhole) memory.cutOffs = await readCutOffs(store, wanted.oldest);
  return memory.cutOffs;
}
