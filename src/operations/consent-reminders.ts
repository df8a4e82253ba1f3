// Nobody's sharing ends unforeseen, nor unheard: a week before, and when it is over.
import { dayOf } from '../policy/days.ts';
import { tellPatient } from '../registry/patient-notices.ts';
import { type DueReminder, listDueReminders, recordReminder } from '../store/consent-reminders.ts';
import type { Store } from '../store/database.ts';
import type { Log } from '../web/log.ts';

const A_ROUND = 200;

export async function remindOfEnds({
  store,
  log,
}: {
  readonly store: Store;
  readonly log: Log;
}): Promise<void> {
  for (const due of await listDueReminders(store, A_ROUND)) {
    // One that cannot be told does not keep the others.
    await remind(store, due).catch((error) =>
      log.error({ err: error, consent: due.consentId }, 'a reminder failed'),
    );
  }
}

async function remind(store: Store, due: DueReminder): Promise<void> {
  const { kind, app, endsAt, tell } = due;
  const values = { app, endsOn: dayOf(endsAt) };
  const notice =
    kind === 'expired'
      ? ({
          type: 'patient.sharing_expired',
          values: { ...values, receipt: `${due.consentId}-expired` },
        } as const)
      : ({ type: 'patient.sharing_ends_soon', values } as const);
  await store.prisma.$transaction(async (tx) => {
    if (!(await recordReminder(tx, due))) return;
    for (const patientId of tell) await tellPatient(tx, { ...notice, patientId });
  });
}
