// What an app opened in this hour, as decisions counted it.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { uuidOf } from './hash.ts';

export interface BudgetUse {
  readonly patients: number;
  readonly resources: number;
}

const USE = `
  SELECT u.patients + CASE WHEN $3::uuid IS NULL OR EXISTS (SELECT FROM access_budget_patient p
      WHERE p.hour = u.hour AND p.app_id = u.app_id AND p.patient = $3::uuid) THEN 0 ELSE 1 END AS patients,
    u.resources::float8 + 1 AS resources
  FROM access_budget_use u WHERE u.app_id = $1 AND u.hour = date_trunc('hour', ${sqlNow(2)}, 'UTC')`;

/** With one more resource of that patient (the id of a Patient at that FHIR base), if one is named. */
export async function budgetUseWith(
  store: Store,
  appId: string,
  opened: { readonly fhirBase: string; readonly patient: string | undefined },
): Promise<BudgetUse> {
  const { fhirBase, patient } = opened;
  const key = patient === undefined ? null : uuidOf(`${fhirBase} ${patient}`);
  const [row] = await store.read<BudgetUse>(USE, [appId, store.clock.offsetMs, key]);
  return row ?? { patients: key === null ? 0 : 1, resources: 1 };
}
