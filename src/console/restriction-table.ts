import { may } from '../policy/permissions.ts';
import type { RestrictionRow } from '../registry/restrictions.ts';
import type { Table } from './blocks.ts';
import { pathTo, type Visit } from './visit.ts';

type Shown = RestrictionRow & { readonly madeByName?: string | null };

/** What an app may not do, or might not: with the way to lift what holds. */
export function restrictionTable({ words, actor }: Visit, rows: readonly Shown[]): Table {
  const mayLift = may(actor, 'app.lift_restriction');
  return words.table(
    ['restriction', 'restricted-scopes', 'reason', 'since', 'finding-state'],
    rows.map((row) => [
      { text: words.t(`console.restriction.${row.kind}`), quiet: row.keyId ?? undefined },
      row.scopes.map((scope) => ({ text: scope, literal: true })),
      row.findingId === null
        ? { text: row.reason }
        : { text: row.reason, href: pathTo('findings', row.findingId) },
      { text: words.instant(row.madeAt), quiet: row.madeByName ?? row.madeBy },
      row.liftedAt !== null
        ? {
            text: words.t('console.restriction.lifted', { at: words.instant(row.liftedAt) }),
            quiet: row.liftReason ?? '',
          }
        : mayLift
          ? {
              ...{ text: words.t('console.form.restriction-lift.button') },
              href: pathTo('apps', row.appId, 'restrictions', row.id, 'lift'),
            }
          : { text: words.t('console.restriction.holds') },
    ]),
  );
}
