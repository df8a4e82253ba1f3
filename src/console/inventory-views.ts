import type { InventoryFilter, KindCount } from '../registry/inventory.ts';
import { BUILT_IN_VIEWS, type InventoryView } from '../registry/inventory-views.ts';
import type { Translate } from '../web/messages.ts';
import { inventoryUrl } from './inventory-filter.ts';

interface ShownView {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
  readonly count: number | null;
}

export interface InventoryViews {
  readonly builtIn: readonly ShownView[];
  readonly own: readonly (ShownView & { readonly removeUrl: string })[];
  readonly saveUrl: string;
}

/** What can be opened with one click; `counts` of all paths, where they were counted. */
export function inventoryViews(
  t: Translate,
  filter: InventoryFilter,
  own: readonly InventoryView[],
  counts: readonly KindCount[] | undefined,
): InventoryViews {
  const here = inventoryUrl(filter);
  const shown = (label: string, view: InventoryFilter, count: number | null): ShownView => ({
    ...{ label, href: inventoryUrl(view), isCurrent: inventoryUrl(view) === here, count },
  });
  return {
    builtIn: BUILT_IN_VIEWS.map(({ id, filter: view }) =>
      shown(t(`overview.view.${id}`), view, counts === undefined ? null : countOf(view, counts)),
    ),
    own: own.map(({ id, name, filter: view }) => ({
      ...shown(name, view, null),
      removeUrl: `/admin/inventory/views/${encodeURIComponent(id)}/remove`,
    })),
    saveUrl: inventoryUrl(filter, '/admin/inventory/views'),
  };
}

const countOf = ({ kind, finding }: InventoryFilter, counts: readonly KindCount[]): number =>
  counts
    .filter((count) => kind === undefined || count.kind === kind)
    .reduce((sum, { findings }) => sum + (finding === undefined ? 0 : (findings[finding] ?? 0)), 0);
