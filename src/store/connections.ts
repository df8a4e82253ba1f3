// Connections to PostgreSQL: how long they wait, what they are told before they are used, and when they are given up.
import pg from 'pg';

export const CONNECT_TIMEOUT_MS = 3_000;
/** A database that went away without a goodbye leaves connections on which nobody hears anything any more. */
const IDLE_MS = 3_000;

/**
 * What the database or the role may have set lower, for speed: a revocation that was acknowledged would be lost. And short
 * statements are over before a compiler of theirs is: where tables were not analyzed yet it takes a second.
 */
const SETTINGS = `
  SELECT set_config(name, CASE name WHEN 'jit' THEN 'off' ELSE 'on' END, false) FROM pg_settings
  WHERE name = 'jit' OR (name = 'synchronous_commit' AND setting IN ('off', 'local', 'remote_write'))`;

/** Greets a connection before it is used: one to a standby, which may be behind and answer from the past, is refused. */
export const greeting =
  (...settings: readonly string[]) =>
  async (client: pg.ClientBase): Promise<void> => {
    await client.query([SETTINGS, ...settings].join(';'));
    const { rows } = await client.query('SELECT pg_is_in_recovery() AS "isStandby"');
    if (rows[0]?.isStandby !== false)
      throw Object.assign(new Error('the server is a standby'), { code: '25006' });
  };

export const connectionOf = (url: string, statementMs: number): pg.ClientConfig => ({
  connectionString: url,
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  statement_timeout: statementMs,
  // For a server or a network that has fallen silent, which no timeout of the server's ends.
  query_timeout: statementMs + 500,
});

export function createPool(
  url: string,
  { statementMs, max }: { readonly statementMs: number; readonly max: number },
  ...settings: readonly string[]
): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOf(url, statementMs),
    max,
    idleTimeoutMillis: IDLE_MS,
    onConnect: greeting(...settings),
  });
  // An idle connection that the server closed is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}
