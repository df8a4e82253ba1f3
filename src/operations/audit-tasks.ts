// What the audit needs of the instance that leads: seals three times a minute, months ahead of their time, and an end for
// those whose time is over.
import type { JWK } from 'jose';
import { forwardEvents } from '../audit/forward.ts';
import { addNextMonths, dropOldMonths } from '../audit/months.ts';
import { sealEvents } from '../audit/seal.ts';
import type { Config } from '../config.ts';
import { createSyslog } from '../outside/syslog.ts';
import { createSigner, readEverySigningKey, readSigningKeys } from '../provider/keys.ts';
import { lastSeal, sealsFrom } from '../store/audit-seals.ts';
import type { Store } from '../store/database.ts';
import type { Log } from '../web/log.ts';
import type { Stopping, Task } from './timers.ts';

export interface AuditTaskOptions {
  readonly config: Config;
  readonly secret: string;
  readonly store: Store;
  readonly log: Log;
}

/** For a loop of their own. */
export function auditTasks(options: AuditTaskOptions): Task[] {
  return [
    { name: 'audit seals', everyMs: 20_000, run: sealing(options) },
    { name: 'audit months', everyMs: 600_000, run: (stopping) => keepMonths(options, stopping) },
  ];
}

/** Where the operator has a syslog server: a loop of its own, since that server may be slow. */
export function forwardTasks({ config, store, log }: AuditTaskOptions): Task[] {
  const { syslogUrl } = config.audit;
  if (syslogUrl === undefined) return [];
  const syslog = createSyslog(syslogUrl, new URL(config.issuer).host);
  let fails = false;
  const run: Task['run'] = async (stopping) => {
    try {
      await forwardEvents({ store, syslog, name: `syslog ${syslogUrl}` }, () => stopping.asked);
      if (fails) log.info('audit events are forwarded again');
      fails = false;
    } catch (error) {
      // It is tried every second, and said once.
      if (!fails) log.error({ err: error as Error }, 'audit events are not forwarded');
      fails = true;
    }
  };
  return [{ name: 'audit forwarding', everyMs: 1_000, run }];
}

const LOCK_NOT_AVAILABLE = '55P03';

function sealing({ config: { issuer }, secret, store, log }: AuditTaskOptions): Task['run'] {
  let reached: { readonly number: number; readonly hash: Buffer } | undefined;
  return async (stopping) => {
    if (reached !== undefined) {
      const [there] = await sealsFrom(store, reached.number, 1);
      // Whoever cuts the end off leaves a chain that is whole: this process knows that it was longer.
      if (there?.number !== reached.number || !there.hash.equals(reached.hash))
        log.error(
          { seal: reached.number },
          'a seal of the audit that was there is gone: run postern audit verify',
        );
    }
    const sign = createSigner(await readSigningKeys(store, secret));
    for await (const { number, hash, events } of sealEvents({ store, issuer, sign })) {
      log.info({ seal: number, events, hash: hash.toString('hex') }, 'audit events were sealed');
      if (stopping.asked) break;
    }
    reached = await lastSeal(store);
  };
}

async function keepMonths(
  { config, secret, store, log }: AuditTaskOptions,
  stopping: Stopping,
): Promise<void> {
  const { issuer, audit } = config;
  try {
    await addNextMonths(store);
    const keys: JWK[] = await readEverySigningKey(store, secret);
    for await (const { month, dropped } of dropOldMonths({ store, issuer, keys, years: audit.years })) {
      if (dropped) log.info({ month }, 'a month of the audit was dropped: its time was over');
      else
        log.error(
          { month },
          'a month of the audit is not as it was sealed and stays: run postern audit verify',
        );
      if (stopping.asked) return;
    }
  } catch (error) {
    // Somebody reads the audit at this moment: the next round tries again.
    if (!isLocked(error)) throw error;
  }
}

function isLocked(error: unknown): boolean {
  const { code, message = '' } = error as { code?: string; message?: string };
  return (
    code === LOCK_NOT_AVAILABLE || message.includes(LOCK_NOT_AVAILABLE) || message.includes('lock timeout')
  );
}
