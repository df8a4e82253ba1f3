// Of the instances on one database, the one that does what nobody asks for. It holds an advisory lock in a session of its
// own: who loses the connection loses the lead with it, and the next instance that asks has it.
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Config } from '../config.ts';
import { greeting } from './connections.ts';

export interface Leader {
  /** Whether this instance leads, as the database says now; false when it does not answer. */
  leads(): Promise<boolean>;
  /** Gives the lead back. */
  close(): Promise<void>;
}

export interface LeaderOptions {
  /** How often the session shows that it is there, or asks for the lead. */
  readonly beatMs?: number;
  /** A session that is silent for so long is ended by the database: its process was stopped, or its network is gone. */
  readonly silentMs?: number;
  readonly onChange?: (leads: boolean) => void;
}

const BEAT_MS = 2_000;
const SILENT_MS = 15_000;
const ANSWER_MS = 2_000;
const GOODBYE_MS = 500;
export const ELECTION = 'postern leader election';

export function createLeader(database: Config['database'], options: LeaderOptions = {}): Leader {
  // The directory of the embedded database is locked: its one process leads.
  if (database.kind === 'embedded') return { leads: async () => true, close: async () => undefined };
  const { beatMs = BEAT_MS, silentMs = SILENT_MS, onChange = () => undefined } = options;
  let session: Session | undefined;
  let leading = false;
  let asking: Promise<boolean> | undefined;
  let closed = false;

  const ask = async () => {
    const before = leading;
    try {
      session ??= await openSession(database.url, silentMs);
      if (leading) await session.query('SELECT 1');
      else leading = await session.query(`SELECT pg_try_advisory_lock(hashtext('${ELECTION}')) AS answer`);
    } catch {
      session?.end();
      session = undefined;
      leading = false;
    }
    if (leading !== before) onChange(leading);
    return leading;
  };
  const leads = async () => {
    if (closed) return false;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const beat = setInterval(leads, beatMs).unref();

  return {
    leads,
    close: async () => {
      closed = true;
      clearInterval(beat);
      await asking;
      leading = false;
      await session?.close();
    },
  };
}

interface Session {
  /** The column `answer` of the one row. */
  query(sql: string): Promise<boolean>;
  /** At once, whatever the other side hears of it. */
  end(): void;
  close(): Promise<void>;
}

async function openSession(url: string, silentMs: number): Promise<Session> {
  const socket = new Socket();
  const client = new pg.Client({
    ...{ connectionString: url, application_name: ELECTION, stream: () => socket },
    ...{ connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS, keepAlive: true },
  });
  // The next question finds out.
  client.on('error', () => undefined);
  const end = () => void socket.destroy();
  try {
    await client.connect();
    await greeting(`SELECT set_config('idle_session_timeout', '${silentMs}', false)`)(client);
  } catch (error) {
    end();
    throw error;
  }
  return {
    query: async (sql) => (await client.query(sql)).rows[0]?.answer === true,
    end,
    close: async () => {
      await Promise.race([client.end(), sleep(GOODBYE_MS)]);
      end();
    },
  };
}
