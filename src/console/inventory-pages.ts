import { Readable } from 'node:stream';
import type Router from '@koa/router';
import type { Context } from 'koa';
import { dayOf } from '../policy/days.ts';
import { listInventory } from '../registry/inventory.ts';
import { recentCounts } from '../registry/inventory-counts.ts';
import { EXPORT_FORMATS, type ExportFormat, exportInventory } from '../registry/inventory-export.ts';
import { listInventoryViews, removeInventoryView, saveInventoryView } from '../registry/inventory-views.ts';
import { RegistryRefusal } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn } from '../staff/fields.ts';
import { formBody } from '../staff/form-body.ts';
import { requireActor } from '../staff/guard.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { seeOther } from '../web/see-other.ts';
import { inventoryFields, inventoryFilterIn, inventoryUrl } from './inventory-filter.ts';
import { inventorySummary, inventoryTable } from './inventory-view.ts';
import { inventoryViews } from './inventory-views.ts';

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
};
/** Without it, spreadsheets read the file in a code page of their own. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Every path to PHI: the page, and the same as a file. */
export function inventoryPages(router: Router, deps: StaffDeps): void {
  router.get('/admin/inventory', (ctx) => showInventory(ctx, deps));
  router.post('/admin/inventory/views', (ctx) => keepView(ctx, deps));
  router.post('/admin/inventory/views/:id/remove', (ctx) => removeView(ctx, deps));
  for (const format of EXPORT_FORMATS) {
    router.get(`/admin/inventory.${format}`, (ctx) => sendInventory(ctx, deps, format));
  }
}

async function showInventory(ctx: Context, { registry, pages }: StaffDeps): Promise<void> {
  const [actor, filter, after] = [requireActor(ctx), inventoryFilterIn(ctx), wordIn(ctx, 'after')];
  const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
  const { kind, environment, finding, purpose, text, ...kept } = filter;
  try {
    const { rows, next } = await listInventory(registry, actor, { filter, after });
    // Counting reads every path: once is enough for all pages of the list.
    const counts = after === undefined ? await recentCounts(registry, actor, filter) : undefined;
    const isWhole = [environment, purpose, text, ...Object.values(kept)].every(
      (value) => value === undefined,
    );
    renderStaff(ctx, 'inventory', {
      ...{ fields: inventoryFields(t, filter), isFiltered: Object.keys(filter).length > 0 },
      views: inventoryViews(
        t,
        filter,
        await listInventoryViews(registry, actor),
        isWhole ? counts : undefined,
      ),
      // What has no control of its own stays until the filter is cleared.
      kept: Object.entries(kept).map(([name, value]) => ({
        name,
        value,
        label: t(`inventory.filter.${name}`),
      })),
      summary: counts === undefined ? null : inventorySummary(t, counts, filter),
      table: inventoryTable(t, locale, rows, new Date()),
      pager: pagerOf(ctx, next),
      exports: EXPORT_FORMATS.map((format) => ({
        href: inventoryUrl(filter, `/admin/inventory.${format}`),
        label: t(`inventory.export.${format}`),
      })),
    });
  } catch (error) {
    // A place of another list, or a text that no name can hold: the beginning is as good an answer.
    if (!(error instanceof RegistryRefusal) || error.reason !== 'input_invalid') throw error;
    seeOther(ctx, ctx.path);
  }
}

/** The filter is that of the address: whoever has the address sees the same. */
async function keepView(ctx: Context, { registry, forms }: StaffDeps): Promise<void> {
  const name = textIn(formBody(forms, ctx), 'name') || undefined;
  const filter = inventoryFilterIn(ctx);
  const kept = await attempt(saveInventoryView(registry, requireActor(ctx), { name, filter }));
  const url = inventoryUrl(filter);
  seeOther(ctx, 'faults' in kept ? url : `${url}${url.includes('?') ? '&' : '?'}done=view-kept`);
}

async function removeView(ctx: Context, { registry, forms }: StaffDeps): Promise<void> {
  formBody(forms, ctx);
  await removeInventoryView(registry, requireActor(ctx), (ctx.params as { id: string }).id);
  seeOther(ctx, '/admin/inventory?done=view-removed');
}

async function sendInventory(ctx: Context, { registry }: StaffDeps, format: ExportFormat): Promise<void> {
  const pieces = await exportInventory(registry, requireActor(ctx), {
    format,
    filter: inventoryFilterIn(ctx),
  });
  ctx.type = TYPES[format];
  ctx.set('Content-Disposition', `attachment; filename="postern-inventory-${dayOf(new Date())}.${format}"`);
  ctx.set('Cache-Control', 'no-store');
  ctx.body = Readable.from(format === 'csv' ? marked(pieces) : pieces, { objectMode: false });
}

async function* marked(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK;
  yield* pieces;
}
