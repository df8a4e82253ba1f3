// What a store was asked, and how the database went about it.
import type { Store } from '../../src/store/database.ts';

export type Statement = readonly [text: string, parameters: readonly unknown[]];

/** The same store, which tells what was asked. */
export function listening(store: Store, heard: Statement[]): Store {
  const heardBy =
    (ask: Store['sql']): Store['sql'] =>
    (text, parameters) => {
      heard.push([text, parameters]);
      return ask(text, parameters);
    };
  const atLength: Store['atLength'] = (work) => store.atLength((ask) => work(heardBy(ask)));
  return { ...store, sql: heardBy(store.sql), atLength };
}

/** Each once, as it was asked last. */
const distinct = (statements: readonly Statement[]): readonly Statement[] => [
  ...new Map(statements.map((statement) => [statement[0], statement])).values(),
];

/** Of those that write nothing: a plan with figures runs what it explains. */
export async function printPlans(store: Store, heard: readonly Statement[]): Promise<void> {
  for (const [text, parameters] of distinct(heard)) {
    if (/\b(INSERT|UPDATE|DELETE)\b/.test(text)) continue;
    const plan = `EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ${text}`;
    const rows = await store.atLength((ask) => ask<{ 'QUERY PLAN': string }>(plan, parameters));
    console.log(rows.map((row) => `  ${row['QUERY PLAN']}`).join('\n'));
  }
}
