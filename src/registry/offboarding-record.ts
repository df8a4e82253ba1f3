// What every offboarding does within its transaction, whatever it ends: the cut-off, and the record from which its proof
// goes on. The clock is held from here on, so that this comes last.
import { type Actor, authorOf } from '../policy/permissions.ts';
import type { OffboardingKind, Reach } from '../store/blast-radius.ts';
import { cutOff, type NewCutOff } from '../store/cut-offs.ts';
import type { Transaction } from '../store/database.ts';
import { insertOffboarding } from '../store/offboardings.ts';
import type { RegistryDeps } from './deps.ts';

export interface Ended {
  readonly kind: OffboardingKind;
  readonly subjectId: string;
  readonly subjectName: string;
  readonly organizationId: string | null;
  readonly reason: string;
  /** As it was before any of its facts was changed. */
  readonly reach: Reach;
  readonly cut: NewCutOff;
}

export async function endForGood(
  tx: Transaction,
  { store }: Pick<RegistryDeps, 'store'>,
  actor: Actor,
  { cut, reach, ...ended }: Ended,
): Promise<void> {
  const behindIds = reach.behind.map(({ id }) => id);
  const at = await cutOff(tx, store, { ...cut, behindIds });
  await insertOffboarding(tx, { ...ended, ...reach, by: authorOf(actor), via: actor.via, at });
}
