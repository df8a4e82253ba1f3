// The inventory as a file, written while it is read: CSV (RFC 4180) for spreadsheets, JSON for programs.
import type { Actor } from '../policy/permissions.ts';
import { assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { inventoryPaths, readInventoryFilter } from './inventory.ts';
import type { InventoryPath } from './inventory-paths.ts';

export const EXPORT_FORMATS = ['csv', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The text of the file in pieces. Who took which part of it is recorded before the first one. */
export async function exportInventory(
  deps: RegistryDeps,
  actor: Actor,
  { format, filter: asked }: { readonly format: ExportFormat /** Unread. */; readonly filter?: unknown },
): Promise<AsyncIterable<string>> {
  assertMay(actor, 'inventory.read');
  const filter = readInventoryFilter(asked);
  await deps.store.prisma.$transaction((tx) =>
    record(tx, actor, { type: 'inventory.exported', detail: { format, filter } }),
  );
  const batches = inventoryPaths(deps, filter);
  return format === 'csv'
    ? csv(batches)
    : json(batches, { issuer: deps.settings.issuer, exportedAt: new Date(), filter });
}

type Batches = AsyncIterable<readonly InventoryPath[]>;
type Cell = string | number | Date | null | undefined | readonly string[];

const COLUMNS: readonly (readonly [name: string, cell: (path: InventoryPath) => Cell])[] = [
  ['kind', ({ kind }) => kind],
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['environment', ({ environments }) => environments],
  ['state', ({ state }) => state],
  ['organization_id', ({ organization }) => organization.id],
  ['organization', ({ organization }) => organization.name],
  ['owner_id', ({ owner }) => owner?.id],
  ['owner', ({ owner }) => owner?.name],
  ['owner_left_at', ({ owner }) => owner?.leftAt],
  ['backup_owner_id', ({ backupOwner }) => backupOwner?.id],
  ['backup_owner', ({ backupOwner }) => backupOwner?.name],
  ['backup_owner_left_at', ({ backupOwner }) => backupOwner?.leftAt],
  ['contract_ends_at', ({ contractEndsAt }) => contractEndsAt],
  ['attestation_due_at', ({ attestationDueAt }) => attestationDueAt],
  ['purposes', ({ purposes }) => purposes],
  ['categories', ({ categories }) => categories],
  ['access', ({ access }) => access],
  ['roles', ({ roles }) => roles],
  ['services', ({ services }) => services],
  ['apps', ({ apps }) => apps],
  ['live_patients', ({ livePatients }) => livePatients],
  ['live_tokens', ({ liveTokens }) => liveTokens],
  ['credential_age_days', ({ credentialAgeDays }) => credentialAgeDays],
  ['credential_ends_at', ({ credentialEndsAt }) => credentialEndsAt],
  ['last_used_at', ({ lastUsedAt }) => lastUsedAt],
  ['findings', ({ findings }) => findings],
];

async function* csv(batches: Batches): AsyncGenerator<string> {
  yield csvRecord(COLUMNS.map(([name]) => name));
  for await (const paths of batches) {
    const records = paths.map((path) => csvRecord(COLUMNS.map(([, cell]) => cell(path))));
    if (records.length > 0) yield records.join('');
  }
}

/** RFC 4180 §2: quoted where it must be, lines end in CRLF. */
export const csvRecord = (cells: readonly Cell[]): string => `${cells.map(csvField).join(',')}\r\n`;

/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), in its wide forms too. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

function csvField(cell: Cell): string {
  const text =
    cell instanceof Date ? cell.toISOString() : Array.isArray(cell) ? cell.join(' ') : `${cell ?? ''}`;
  const safe = typeof cell !== 'number' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function* json(batches: Batches, about: object): AsyncGenerator<string> {
  const head = JSON.stringify(about);
  yield `${head.slice(0, -1)},"paths":[`;
  let separator = '\n';
  for await (const paths of batches) {
    const pieces: string[] = [];
    for (const path of paths) {
      pieces.push(separator, JSON.stringify(path));
      separator = ',\n';
    }
    if (pieces.length > 0) yield pieces.join('');
  }
  yield '\n]}\n';
}
