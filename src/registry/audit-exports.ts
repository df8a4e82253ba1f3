// The audit for those who answer for it: pages, exports, and who reached which patient's data. That it was taken is recorded.
import { z } from 'zod';
import { type EventFormat, eventJson, exportLines } from '../audit/export.ts';
import type { Actor } from '../policy/permissions.ts';
import {
  type EventFilter,
  type EventPlace,
  hasSubject,
  placeOfEvent,
  readEvents,
} from '../store/audit-pages.ts';
import { limitOf, type Page, type Paging, pageOf, placeOf } from '../store/paging.ts';
import { assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { identifier, instant, readInput, refuse } from './input.ts';

export const eventFilter = z.strictObject({
  from: instant.optional(),
  to: instant.optional(),
  appId: identifier.optional(),
  organizationId: identifier.optional(),
  patientId: identifier.optional(),
});

export type AuditedEvent = ReturnType<typeof eventJson>;

/** Input: {filter?, after?, limit?}; `filter` from outside, unread. */
export async function listAuditEvents(
  { store }: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: unknown },
): Promise<Page<AuditedEvent>> {
  assertMay(actor, 'audit.read');
  const filter: EventFilter = readInput(eventFilter, query.filter ?? {});
  const limit = limitOf(query);
  const rows = await readEvents(store, filter, placeIn(query, filter), limit + 1);
  const page = pageOf(rows, limit, (row) => placeOfEvent(filter, row));
  return { rows: page.rows.map(eventJson), next: page.next };
}

function placeIn({ after }: Paging, filter: EventFilter): EventPlace | undefined {
  if (after === undefined) return undefined;
  const [first = '', id = ''] = placeOf(after, 2) ?? refuse('after', 'cursor_unreadable');
  // A cursor belongs to the filter with which it was given.
  const isPlace = hasSubject(filter)
    ? INSTANT.test(first) && !Number.isNaN(Date.parse(first))
    : NUMBER.test(first);
  return isPlace && NUMBER.test(id) ? [first, id] : refuse('after', 'cursor_unreadable');
}

const NUMBER = /^\d{1,18}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** The lines of the file in pieces. Who took which part of it is recorded before the first one. */
export async function exportAuditEvents(
  { store, settings: { issuer } }: RegistryDeps,
  actor: Actor,
  { format, filter: asked }: { readonly format: EventFormat /** Unread. */; readonly filter?: unknown },
): Promise<AsyncIterable<string>> {
  assertMay(actor, 'audit.read');
  const { from, to, ...about } = readInput(eventFilter, asked ?? {});
  const detail = { format, from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
  await store.prisma.$transaction((tx) =>
    record(tx, actor, { type: 'audit.exported', ...defined(about), detail }),
  );
  return exportLines(store, { issuer, format, filter: { from, to, ...about } });
}

const defined = <Values extends object>(values: Values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    readonly [Name in keyof Values]?: Exclude<Values[Name], undefined>;
  };
