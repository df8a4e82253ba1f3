// Months are made ahead of their time, and dropped after it: only when what they held is whole, as it was sealed.
import type { JWK } from 'jose';
import { addMonths, dropMonth, type OldMonth, oldMonths } from '../store/audit-months.ts';
import { sealOver } from '../store/audit-seals.ts';
import type { Store } from '../store/database.ts';
import { verifyAudit } from './verify.ts';

const AHEAD = 3;

interface Deps {
  readonly store: Store;
  readonly issuer: string;
  /** Those that are retired, too. */
  readonly keys: readonly JWK[];
  readonly years: number;
}

export const addNextMonths = (store: Store): Promise<number> => addMonths(store, AHEAD);

export interface MonthDropped {
  /** `2019_10`. */
  readonly month: string;
  /** False: it is not as it was sealed, or not sealed yet; it stays. */
  readonly dropped: boolean;
}

export async function* dropOldMonths(deps: Deps): AsyncGenerator<MonthDropped> {
  for await (const month of oldMonths(deps.store, deps.years)) {
    const seals = await wholeSeals(deps, month);
    if (seals !== undefined) await dropMonth(deps.store, month, seals);
    yield { month: month.month, dropped: seals !== undefined };
  }
}

/** Undefined: they are not, or there are events that no seal covers. */
async function wholeSeals(
  { store, issuer, keys }: Deps,
  { first, last }: OldMonth,
): Promise<readonly number[] | undefined> {
  if (first === null || last === null) return [];
  const [from, to] = [await sealOver(store, first), await sealOver(store, last)];
  if (from === undefined || to === undefined) return undefined;
  const { fault } = await verifyAudit({ store, issuer, keys }, { seals: [from, to] });
  return fault === null ? [from, to] : undefined;
}
