// Nobody's app stops because a key ended that its owner had forgotten.
import { dayOf, daysBetween } from '../policy/days.ts';
import { announce } from '../registry/notices.ts';
import type { Store } from '../store/database.ts';
import { type DueWarning, listDueWarnings, recordWarning } from '../store/key-warnings.ts';
import type { Log } from '../web/log.ts';

const DAYS_BEFORE = [30, 7, 1];
const A_ROUND = 200;

export async function warnOfEndingKeys({
  store,
  log,
}: {
  readonly store: Store;
  readonly log: Log;
}): Promise<void> {
  for (const due of await listDueWarnings(store, DAYS_BEFORE, A_ROUND)) {
    // One that cannot be announced does not keep the others.
    await warn(store, due).catch((error) => log.error({ err: error, key: due.keyId }, 'a warning failed'));
  }
}

async function warn(store: Store, due: DueWarning): Promise<void> {
  const { kind, kid, keyId, endsAt, appId, organizationId } = due;
  const days = String(Math.ceil(daysBetween(new Date(), endsAt)));
  await store.prisma.$transaction(async (tx) => {
    if (!(await recordWarning(tx, due))) return;
    const type = kind === 'secret' ? 'secret.expiring' : 'key.expiring';
    const values = { key: kid ?? keyId, endsOn: dayOf(endsAt), days };
    await announce(tx, { type, organizationId, appId, values });
  });
}
