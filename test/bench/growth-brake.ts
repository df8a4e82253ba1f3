// The clean-up of a running server, let go and held back: whoever holds the lock of the election decides who leads.
import { setTimeout as sleep } from 'node:timers/promises';
import { ELECTION } from '../../src/store/leader.ts';
import { connect } from '../setup/database.ts';

export interface Brake {
  /** The server may lead; settles when it does. */
  release(): Promise<void>;
  /** Nobody leads but the bench. */
  hold(): Promise<void>;
}

const LOCK = `hashtext('${ELECTION}')`;
const LED = `
  SELECT a.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.granted AND a.application_name = '${ELECTION}' AND a.datname = current_database()`;
const OUST = `SELECT pg_terminate_backend(pid) FROM (${LED}) led`;

export async function holdBack(url: string): Promise<Brake> {
  const [holder, aside] = [await connect(url), await connect(url)];
  const hold = async () => {
    const held = holder.session.query(`SELECT pg_advisory_lock(${LOCK})`, []);
    await aside.session.query(OUST, []);
    await held;
  };
  await hold();
  return {
    hold,
    release: async () => {
      await holder.session.query(`SELECT pg_advisory_unlock(${LOCK})`, []);
      while ((await aside.session.query(LED, [])).length === 0) await sleep(50);
    },
  };
}
