import { type Action as Command, may } from '../policy/permissions.ts';
import type { AppKeyView } from '../registry/app-keys.ts';
import type { AppReach } from '../registry/app-reach.ts';
import type { AppRecord } from '../registry/app-records.ts';
import type { LoggedEvent } from '../registry/audit-log.ts';
import type { ChangeRow } from '../registry/changes.ts';
import type { ShownRestriction } from '../registry/restriction-commands.ts';
import type { ReviewRow } from '../registry/reviews.ts';
import { revisionDiff } from '../registry/revision-diff.ts';
import { revisionWords } from '../staff/revision-words.ts';
import type { Page } from '../store/paging.ts';
import { reachSection, useSection } from './app-reach.ts';
import { type Action, type Cell, present, type Section } from './blocks.ts';
import { changeTable } from './change-table.ts';
import { cutOffLink } from './cut-offs.ts';
import { eventsSection } from './events.ts';
import { restrictionTable } from './restriction-table.ts';
import { outcomeTag } from './review-tags.ts';
import { pathTo, type Visit } from './visit.ts';

export interface KnownApp {
  readonly app: AppRecord;
  readonly keys: readonly AppKeyView[];
  readonly changes: readonly ChangeRow[];
  readonly reviews: readonly ReviewRow[];
  readonly events: Page<LoggedEvent>;
  readonly reach: AppReach;
  /** Those that hold. */
  readonly restrictions: readonly ShownRestriction[];
}

/** What opens records, of all that a revision says. */
const SHOWN = [
  ...['purposeStatement', 'purposes', 'useCase.categories', 'useCase.access', 'useCase.basis'],
  ...['useCase.exchangeProfile', 'useCase.endsAt', 'scopeCeiling', 'audiences', 'redirectUris', 'authMethod'],
];

export function appSections(visit: Visit, known: KnownApp): Section[] {
  const { words, actor } = visit;
  const { t } = words;
  const { app } = known;
  const about = { organizationId: app.organizationId };
  const link = (action: Command, below: string, look?: Action['look']) =>
    app.offboardedAt === null &&
    may(actor, action, about) && {
      ...{ href: pathTo('apps', app.id, below), label: t(`console.form.app-${below}.button`), look },
    };
  const section = (id: string, rest: Omit<Section, 'id' | 'title'>): Section => ({
    ...{ id, title: t(`console.section.${id}`), ...rest },
  });
  const isSuspended = app.suspendedAt !== null;
  return present<Section>([
    section('binding', {
      facts: bindingFacts(visit, app),
      actions: present([link('app.assign_owner', 'owner'), link('app.assign_contract', 'contract')]),
    }),
    section('standing', {
      lead: t('console.app.standing'),
      facts: standingFacts(visit, app),
      actions: present([
        !isSuspended && link('app.suspend', 'suspend', 'danger'),
        isSuspended && link('app.resume', 'resume'),
        cutOffLink(visit, 'client', app.id),
        link('app.offboard', 'offboard', 'danger'),
      ]),
    }),
    section('restrictions', {
      table: restrictionTable(visit, known.restrictions),
      actions: [{ href: pathTo('apps', app.id, 'restrictions'), label: t('console.all-of-them') }],
      wide: true,
    }),
    reachSection(visit, app, known.reach),
    useSection(visit, known.reach, new Date()),
    section('revision', { facts: revisionFacts(visit, app) }),
    section('reviews', { table: reviewTable(visit, known.reviews) }),
    section('keys', { table: keyTable(visit, known.keys), wide: true }),
    known.changes.length > 0 &&
      section('recorded-changes', { table: changeTable(visit, known.changes), wide: true }),
    eventsSection(visit, known.events, pathTo('apps', app.id, 'events')),
  ]);
}

const bindingFacts = ({ words }: Visit, app: AppRecord) => [
  ...(app.platform === null
    ? []
    : [
        words.fact('platform', {
          ...{ text: app.platform.name, href: pathTo('apps', app.platform.id) },
          quiet: app.platform.organizationName,
        }),
      ]),
  words.fact('organization', {
    ...{ text: app.organization.legalName, href: pathTo('organizations', app.organizationId) },
  }),
  words.fact('owner', ...personCells(words.person(app.owner?.name ?? null, app.ownerId), app.owner, words)),
  words.fact(
    'backup',
    ...personCells(words.person(app.backupOwner?.name ?? null, app.backupOwnerId), app.backupOwner, words),
  ),
  words.fact('contract', {
    text: app.contract?.reference ?? words.t('console.nothing'),
    quiet: app.contract === null ? undefined : words.day(app.contract.endsAt),
  }),
  words.fact('client-id', { text: app.id, literal: true }),
  words.fact('registered', {
    text: words.day(app.createdAt),
    quiet: words.t(`console.through.${app.registeredThrough}`),
  }),
];

function personCells(cell: Cell, person: AppRecord['owner'], { t, day }: Visit['words']): Cell[] {
  const leftAt = person?.leftAt ?? null;
  return leftAt === null ? [cell] : [cell, { text: t('console.left-on', { day: day(leftAt) }), look: 'off' }];
}

const standingFacts = ({ words }: Visit, app: AppRecord) =>
  present([
    app.environment === 'production' && words.fact('approved', { text: words.day(app.reviewedAt) }),
    app.environment === 'production' && words.fact('attestation', { text: words.day(app.attestationDueAt) }),
    app.suspendedAt !== null && words.fact('suspended', { text: words.instant(app.suspendedAt) }),
    app.offboardedAt !== null && words.fact('offboarded', { text: words.instant(app.offboardedAt) }),
  ]);

function revisionFacts({ words }: Visit, { live, newest }: AppRecord) {
  const shown = live ?? newest;
  const { label, values, isLiteral } = revisionWords(words.t, words.locale);
  const whole = new Map(revisionDiff(null, shown).map(({ field, after }) => [field, after]));
  return [
    words.fact('revision', {
      text: words.t(live === null ? 'console.revision.none' : 'console.revision-number', {
        number: shown.number,
      }),
    }),
    ...SHOWN.filter((field) => whole.has(field)).map((field) => ({
      label: label(field),
      cells: values(field, whole.get(field) ?? null).map((text) => ({ text, literal: isLiteral(field) })),
    })),
  ];
}

const reviewTable = ({ words }: Visit, reviews: readonly ReviewRow[]) =>
  words.table(
    ['revision', 'submitted', 'state'],
    reviews.map((review) => [
      { text: String(review.revisionNumber), href: pathTo('reviews', review.id) },
      { text: words.day(review.submittedAt), quiet: review.submittedByName ?? undefined },
      outcomeTag(review, words),
    ]),
    words.t('console.reviews.none'),
  );

function keyTable({ words }: Visit, keys: readonly AppKeyView[]) {
  const now = new Date();
  return words.table(
    ['key', 'kind', 'created', 'until', 'last-used'],
    keys.map(({ id, kind, kid, createdAt, endsAt, revokedAt, lastUsedAt }) => [
      { text: kid ?? id, literal: true },
      { text: words.t(`console.key.${kind}`) },
      { text: words.day(createdAt) },
      revokedAt !== null || endsAt <= now
        ? { text: words.t('console.ended'), look: 'off', quiet: words.day(revokedAt ?? endsAt) }
        : { text: words.day(endsAt) },
      { text: words.day(lastUsedAt) },
    ]),
    words.t('console.keys.none'),
  );
}
