import type Router from '@koa/router';
import { RegistryRefusal } from '../registry/refusal.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { type Field, filled } from '../staff/fields.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { type Crumb, renderStaff } from '../staff/render.ts';
import type { Page } from '../store/paging.ts';
import { seeOther } from '../web/see-other.ts';
import type { Action, Cells, ListView } from './blocks.ts';
import { type Visit, visitOf } from './visit.ts';

/** A list that is read page by page. */
export interface ListPage<Row> {
  readonly path: string;
  /** `console.list.<key>.title`, `.lead` and `.none`; its columns are `console.label.<name>`. */
  readonly key: string;
  readonly columns: readonly string[];
  /** The pages above, where it stands below a record. */
  crumbs?(visit: Visit): Promise<readonly Crumb[]>;
  filters(visit: Visit): readonly Field[];
  actions(visit: Visit): readonly Action[];
  read(visit: Visit, after: string | undefined): Promise<Page<Row>>;
  cells(row: Row, visit: Visit): readonly Cells[];
}

export function listPage<Row>(router: Router, deps: StaffDeps, page: ListPage<Row>): void {
  router.get(page.path, async (ctx) => {
    const visit = visitOf(deps, ctx);
    const { t } = visit.words;
    const found = await readFrom(page, visit, wordIn(ctx, 'after'));
    // A place of another list: the beginning is as good an answer.
    if (found === undefined) return seeOther(ctx, ctx.path);
    const filters = page.filters(visit);
    const asked = new URLSearchParams(
      filters.map(({ name }): [string, string] => [name, wordIn(ctx, name) ?? '']),
    );
    const view: ListView = {
      ...{ title: t(`console.list.${page.key}.title`), lead: t(`console.list.${page.key}.lead`) },
      ...{ actions: page.actions(visit), filters: filled(filters, asked) },
      isFiltered: [...asked.values()].some((value) => value !== ''),
      table: {
        columns: page.columns.map((column) => t(`console.label.${column}`)),
        rows: found.rows.map((row) => page.cells(row, visit)),
        none: t(`console.list.${page.key}.none`),
      },
      pager: pagerOf(ctx, found.next),
    };
    renderStaff(ctx, 'admin-list', view, { crumbs: (await page.crumbs?.(visit)) ?? [] });
  });
}

async function readFrom<Row>(page: ListPage<Row>, visit: Visit, after: string | undefined) {
  try {
    return await page.read(visit, after);
  } catch (error) {
    if (after !== undefined && error instanceof RegistryRefusal && error.reason === 'input_invalid')
      return undefined;
    throw error;
  }
}
