import type { Store } from './database.ts';

// Writes nothing but its commit, which waits for a synchronous standby as any other does.
const COMMIT = `SELECT pg_logical_emit_message(true, 'postern', '')`;

/**
 * Ends when all that was committed before is as safe as what is committed now. Who finds a revocation done need not be
 * the one to whom it was acknowledged: a standby may not have heard of it yet.
 */
export async function confirmCommitted(store: Store): Promise<void> {
  await store.sql(COMMIT, []);
}
