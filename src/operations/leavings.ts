// Who leaves on a day: before it, those who must name another owner hear of it; on it, what she could come in with ends.
import { worksAt } from '../policy/employment.ts';
import { endComings, tellOfLeaving } from '../registry/leaving.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import {
  clearBackups,
  type DueLeaving,
  listDueLeavings,
  listGone,
  ownedApps,
  recordLeavingWarning,
} from '../store/leavings.ts';
import { holdPerson } from '../store/people.ts';
import type { Log } from '../web/log.ts';

const DAYS_BEFORE = [30, 7];
const A_ROUND = 200;

interface LeavingDeps {
  readonly store: Store;
  readonly log: Log;
}

export async function seeToLeavings({ store, log }: LeavingDeps): Promise<void> {
  for (const due of await listDueLeavings(store, DAYS_BEFORE, A_ROUND)) {
    // One that cannot be announced does not keep the others.
    await warn(store, due).catch((error) =>
      log.error({ err: error, person: due.personId }, 'a warning of a leaving failed'),
    );
  }
  for (const personId of await listGone(store, A_ROUND)) {
    await end(store, personId).catch((error) =>
      log.error({ err: error, person: personId }, 'the end of a leaving failed'),
    );
  }
}

async function end(store: Store, personId: string): Promise<void> {
  await store.prisma.$transaction(async (tx) => {
    const person = await holdPerson(tx, personId);
    const leftAt = person?.leftAt ?? null;
    // She may have been given another day meanwhile.
    if (person === null || leftAt === null || worksAt(new Date(), { leftAt })) return;
    const ended = await endComings(tx, personId, leftAt);
    await clearBackups(tx, personId);
    // Another instance was faster.
    if (Object.values(ended).every((count) => count === 0)) return;
    const detail = { personId, at: leftAt.toISOString(), ended };
    const { organizationId } = person;
    await appendAuditEvent(tx, { type: 'person.access_ended', organizationId, detail });
  });
}

async function warn(store: Store, due: DueLeaving): Promise<void> {
  await store.prisma.$transaction(async (tx) => {
    if (!(await recordLeavingWarning(tx, due))) return;
    const { organizationId, name, leftAt, personId } = due;
    await tellOfLeaving(tx, { organizationId, name, at: leftAt }, await ownedApps(tx, personId));
  });
}
