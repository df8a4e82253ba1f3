// The facts of a permitted read with some members changed, and what is then decided.
import type { Reason } from '../../src/errors.ts';
import { type AccessFacts, decideAccess } from '../../src/policy/access.ts';
import { accessFacts } from './access-facts.ts';

export type Changed = { readonly [Part in keyof AccessFacts]?: Partial<AccessFacts[Part]> };

export function factsWith(
  { fhirBases = accessFacts.fhirBases, ...changes }: Changed,
  base = accessFacts,
): AccessFacts {
  const parts = Object.entries(changes).map(([part, members]) => [
    part,
    { ...(base[part as keyof AccessFacts] as object), ...(members as object) },
  ]);
  return { ...base, fhirBases: fhirBases as readonly string[], ...Object.fromEntries(parts) };
}

export const reasonOf = (changed: Changed, base?: AccessFacts): Reason | undefined => {
  const decision = decideAccess(factsWith(changed, base));
  return decision.permitted ? undefined : decision.reason;
};
