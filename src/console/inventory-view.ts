import { worksAt } from '../policy/employment.ts';
import { FINDINGS, type Finding } from '../policy/findings.ts';
import type { InventoryFilter, KindCount } from '../registry/inventory.ts';
import type { InventoryPath, PathOwner } from '../registry/inventory-paths.ts';
import { CATEGORIES, isResourceType } from '../smart/resource-types.ts';
import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { type Cell, type Cells, plain, present, type Table } from './blocks.ts';
import { inventoryUrl } from './inventory-filter.ts';
import { pathTo } from './visit.ts';

/** What is about to become a fault, and what is only unused. */
const MILD: readonly Finding[] = [
  ...(['contract_ending', 'attestation_due', 'use_case_ending', 'credential_ending'] as const),
  ...(['never_used', 'dormant', 'passkey_missing', 'backup_missing'] as const),
];

const COLUMNS = ['path', 'owner', 'data', 'use', 'due', 'findings'] as const;

const RECORDS = {
  ...{ app: 'apps', ehr: 'ehrs', resource_server: 'servers', person: 'people' },
  ...{ platform: 'organizations', subprocessor: 'organizations' },
} as const;

export function inventoryTable(
  t: Translate,
  locale: Locale,
  paths: readonly InventoryPath[],
  now: Date,
): Table {
  const words = { t, day: (at: Date) => longDate(at, locale), now };
  return {
    columns: COLUMNS.map((column) => t(`inventory.column.${column}`)),
    rows: paths.map((path) => cellsOf(path, words)),
    none: t('staff.none'),
  };
}

interface Words {
  readonly t: Translate;
  readonly now: Date;
  day(at: Date): string;
}

function cellsOf(path: InventoryPath, words: Words): Cells[] {
  const { t, day } = words;
  const said = (key: string, count: number | null) =>
    count !== null && plain(t(`inventory.${key}`, { count }));
  const on = (key: string, at: Date | null) => at !== null && plain(t(`inventory.${key}`, { date: day(at) }));
  const isPerson = path.kind === 'person';
  return [
    present<Cell>([
      { text: path.name, href: pathTo(RECORDS[path.kind], path.id) },
      { text: t(`inventory.kind.${path.kind}`), look: 'plain' },
      path.environments.includes('sandbox') && { text: t('inventory.environment.sandbox'), look: 'plain' },
      path.state !== 'acting' && {
        text: t(`inventory.state.${path.state}`),
        look: path.state === 'not_approved' ? 'soon' : 'off',
      },
      ...path.roles.map((role): Cell => ({ text: t(`inventory.role.${role}`), look: 'plain' })),
    ]),
    present<Cell>([
      !isPerson && ownerCell(path.owner, words),
      backupCell(path, words),
      isProcessor(path) ? false : organizationCell(path),
      on('contract-ends', path.contractEndsAt),
    ]),
    dataCells(path, t),
    present<Cell>([
      said('live-patients', path.livePatients),
      said(isPerson ? 'live-api-tokens' : 'live-tokens', path.liveTokens),
      path.lastUsedAt === null ? plain(t('inventory.unused')) : on('last-used', path.lastUsedAt),
    ]),
    present<Cell>([
      on('attestation-due', path.attestationDueAt),
      on('credential-ends', path.credentialEndsAt),
      said('credential-age', path.credentialAgeDays),
    ]),
    path.findings.map(
      (finding): Cell => ({
        text: t(`inventory.finding.${finding}`),
        look: MILD.includes(finding) ? 'soon' : 'off',
      }),
    ),
  ];
}

const isProcessor = ({ kind }: InventoryPath) => kind === 'platform' || kind === 'subprocessor';

function organizationCell({ organization: { id, name } }: InventoryPath): Cell {
  return { text: name, href: id === null ? undefined : pathTo('organizations', id) };
}

function ownerCell(owner: PathOwner | null, { t, day, now }: Words): Cell {
  if (owner === null) return { text: t('inventory.nobody'), look: 'off' };
  return {
    text: owner.name,
    href: owner.id === null ? undefined : pathTo('people', owner.id),
    quiet:
      owner.leftAt !== null && !worksAt(now, owner)
        ? t('inventory.left', { date: day(owner.leftAt) })
        : owner.id === null
          ? t('inventory.contact')
          : undefined,
  };
}

function backupCell({ kind, backupOwner }: InventoryPath, words: Words): Cell | false {
  if (kind !== 'app' || backupOwner === null) return false;
  const cell = ownerCell(backupOwner, words);
  return { ...cell, quiet: [words.t('inventory.backup'), cell.quiet].filter(Boolean).join(', ') };
}

function dataCells({ categories, access, purposes, services, apps }: InventoryPath, t: Translate): Cell[] {
  const named = categories.map((key) => (hasWording(key) ? t(`scope.${key}.name`) : key));
  const how = access.map((one) => t(`inventory.access.${one}`)).join(', ');
  return present<Cell>([
    ...purposes.map((code) => ({ text: t(`purpose.${code}`), quiet: code })),
    named.length > 0 && { text: named.join(', '), quiet: how },
    services.length > 0 &&
      plain(services.map((service) => t(`revision.value.service.${service}`)).join(', ')),
    apps !== null && plain(t('inventory.apps', { count: apps })),
  ]);
}

const hasWording = (key: string) =>
  key === 'everything' || isResourceType(key) || CATEGORIES.some((category) => category.key === key);

interface Facet {
  readonly label: string;
  readonly count: number;
  readonly href: string;
  readonly current: boolean;
}

/** How many paths there are of each kind, and what was found about those of the chosen kind. */
export function inventorySummary(t: Translate, counts: readonly KindCount[], filter: InventoryFilter) {
  const { kind, finding } = filter;
  const chosen = counts.filter((count) => kind === undefined || count.kind === kind);
  const sum = (of: (count: KindCount) => number, some = chosen) =>
    some.reduce((all, count) => all + of(count), 0);
  const kinds = counts
    .filter((count) => count.paths > 0 || count.kind === kind)
    .map(
      (count): Facet => ({
        ...{ label: t(`inventory.kind.${count.kind}`), count: count.paths, current: count.kind === kind },
        href: inventoryUrl({ ...filter, kind: count.kind }),
      }),
    );
  const findings = FINDINGS.map((one) => ({ one, count: sum((count) => count.findings[one] ?? 0) }))
    .filter(({ one, count }) => count > 0 || one === finding)
    .map(
      ({ one, count }): Facet => ({
        ...{ label: t(`inventory.finding.${one}`), count, current: one === finding },
        href: inventoryUrl({ ...filter, finding: one }),
      }),
    )
    .sort((a, b) => b.count - a.count);
  return { kinds, findings, paths: sum(({ paths }) => paths), found: sum(({ found }) => found) };
}
