// Statements over a pool: prepared once for a connection under a name made of its text, or planned anew where that is worth it.
import { createHash } from 'node:crypto';
import type pg from 'pg';

const AT_LENGTH_MS = 300_000;

export const prepared =
  (pool: pg.Pool) =>
  async <Row>(text: string, parameters: readonly unknown[]) =>
    (await pool.query({ name: statementName(text), text, values: [...parameters] })).rows as Row[];

export type Ask = <Row>(text: string, parameters: readonly unknown[]) => Promise<Row[]>;

/** A transaction with time limits of its own. */
export const atLength =
  (pool: pg.Pool) =>
  async <Value>(work: (ask: Ask) => Promise<Value>): Promise<Value> => {
    const client = await pool.connect();
    let isDone = false;
    const ask: Ask = async <Row>(text: string, parameters: readonly unknown[]) => {
      // Without a name: planned for these parameters, where one plan for all apps would be wrong for the largest.
      const statement = { text, values: [...parameters], query_timeout: AT_LENGTH_MS + 500 };
      return (await client.query(statement)).rows as Row[];
    };
    try {
      await client.query(`BEGIN; SET LOCAL statement_timeout = ${AT_LENGTH_MS}`);
      const value = await work(ask);
      await client.query('COMMIT');
      isDone = true;
      return value;
    } finally {
      // Of what failed nobody knows in which state it is.
      client.release(!isDone);
    }
  };

/** Rows as lists of their columns. */
export const preparedLists =
  (pool: pg.Pool) =>
  async <Row extends readonly unknown[]>(text: string, parameters: readonly unknown[]) => {
    const statement = { name: statementName(text), text, values: [...parameters], rowMode: 'array' as const };
    return (await pool.query(statement)).rows as unknown as Row[];
  };

const names = new Map<string, string>();

export function statementName(sql: string): string {
  let name = names.get(sql);
  if (name === undefined) {
    name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
    // Statements are written in the code; Prisma's lists of parameters are what could grow without end.
    if (names.size < 1_000) names.set(sql, name);
  }
  return name;
}
