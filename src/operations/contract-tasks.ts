// Nobody's apps stop because a contract ended that everybody had forgotten; a renewal takes over when it begins.
import { dayOf, daysBetween } from '../policy/days.ts';
import { announce } from '../registry/notices.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import {
  type BegunRenewal,
  type DueContractWarning,
  listBegunRenewals,
  listDueContractWarnings,
  moveToRenewal,
  operatorsAtWork,
  recordContractWarning,
} from '../store/contract-work.ts';
import type { Store } from '../store/database.ts';
import type { Log } from '../web/log.ts';

const DAYS_BEFORE = [60, 30, 7];
const A_ROUND = 200;

interface ContractTask {
  readonly store: Store;
  readonly log: Log;
}

export async function watchContracts({ store, log }: ContractTask): Promise<void> {
  for (const begun of await listBegunRenewals(store, A_ROUND))
    await begin(store, begun).catch((error) =>
      log.error({ err: error, app: begun.appId }, 'a renewal did not begin'),
    );
  // One that cannot be announced does not keep the others.
  for (const due of await listDueContractWarnings(store, DAYS_BEFORE, A_ROUND))
    await warn(store, due).catch((error) =>
      log.error({ err: error, contract: due.contractId }, 'a warning failed'),
    );
}

async function begin(store: Store, begun: BegunRenewal): Promise<void> {
  const { appId, organizationId, contractId, renewsId } = begun;
  await store.prisma.$transaction(async (tx) => {
    if (!(await moveToRenewal(tx, begun))) return;
    const turn = { before: { contractId: renewsId }, after: { contractId } };
    const detail = { contractId, ...turn, via: 'renewal' };
    await appendAuditEvent(tx, { type: 'contract.assigned', appId, organizationId, accountId: null, detail });
  });
}

async function warn(store: Store, due: DueContractWarning): Promise<void> {
  const { organizationId, reference, endsAt } = due;
  const now = new Date();
  await store.prisma.$transaction(async (tx) => {
    if (!(await recordContractWarning(tx, due))) return;
    const days = String(Math.ceil(daysBetween(now, endsAt)));
    const values = { contract: reference, endsOn: dayOf(endsAt), days };
    const also = await operatorsAtWork(tx, now);
    await announce(tx, { type: 'contract.ending', organizationId, also, values });
  });
}
