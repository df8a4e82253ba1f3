import { DATA_USE_QUESTIONS } from '../policy/data-use.ts';
import { specialUses } from '../policy/special-use.ts';
import { ceilingOf } from '../policy/use-case.ts';
import type { ReviewDetail } from '../registry/review-facts.ts';
import { type FieldDiff, revisionDiff } from '../registry/revision-diff.ts';
import { formatScope } from '../smart/scope.ts';
import { diffView, type RevisionWords, revisionWords } from '../staff/revision-words.ts';
import { type Action, type Cell, present, type Section } from './blocks.ts';
import { pathTo, type Visit } from './visit.ts';

const USE_CASE = [
  ...['purposeStatement', 'purposes', 'useCase.categories', 'useCase.access', 'useCase.basis'],
  ...['useCase.basisReference', 'useCase.exchangeProfile', 'useCase.volume.requestsPerHour'],
  ...['useCase.volume.patientsPerDay', 'useCase.hours', 'useCase.endsAt', 'useCase.revocation'],
  'useCase.storageCountries',
];
const SPECIAL = [
  ...['useCase.legalReview.by', 'useCase.legalReview.reference', 'useCase.legalReview.reviewedAt'],
  ...['useCase.minimization.necessity', 'useCase.minimization.identification', 'useCase.endsAt'],
];
/** Not to be answered by everyone. */
const MAY_BE_SILENT = ['useCase.basisReference', 'useCase.endsAt'];

/** All that a reviewer must see, what changes first. */
export function reviewSections(
  visit: Visit,
  detail: ReviewDetail,
  diff: readonly FieldDiff[],
  decisions: readonly Action[],
): Section[] {
  const { t, locale } = visit.words;
  const names = new Map(detail.subprocessors.map(({ organizationId, legalName }) => [organizationId, legalName]));
  const words = revisionWords(t, locale, names);
  const whole = new Map(revisionDiff(null, detail.revision).map(({ field, after }) => [field, after]));
  const factsOf = (fields: readonly string[]) =>
    fields.map((field) => ({ label: words.label(field), cells: cellsOf(visit, words, field, whole) }));
  const section = (id: string, rest: Omit<Section, 'id' | 'title'>): Section => ({
    ...{ id, title: t(`console.review.${id}`), ...rest },
  });
  const special = specialUses({
    ...{ purposes: detail.revision.purposes, basis: detail.revision.useCase.basis },
    organizationKind: detail.app.organization.kind,
    operatorCountry: visit.registry.settings.operatorCountry,
    countries: [
      ...[detail.app.organization.country, ...detail.revision.useCase.storageCountries],
      ...detail.subprocessors.map(({ country }) => country),
    ],
  });
  const uses = special.map((use) => t(`console.special.${use}`)).join(', ');
  return present<Section>([
    section('changes', {
      lead: t(detail.inForce === null ? 'console.review.first' : 'console.review.against'),
      ...{ diff: diffView(diff, words), actions: decisions, wide: true },
    }),
    section('use-case', { facts: factsOf(useCaseFields(whole)) }),
    section('ceiling', ceilingPart(visit, detail)),
    special.length > 0 &&
      section('special', { warning: t('console.special.lead', { uses }), facts: factsOf(SPECIAL) }),
    section('data-use', { facts: factsOf(DATA_USE_QUESTIONS.flatMap((one) => dataUseFields(one, whole))) }),
    section('domains', { table: domainTable(visit, detail) }),
    detail.lookAlikes.length > 0 && section('look-alikes', { table: lookAlikeTable(visit, detail) }),
    section('subprocessors', { table: subprocessorTable(visit, detail) }),
    detail.openChanges.length > 0 && section('clears', { table: changeTable(visit, detail) }),
    detail.transfer !== null && section('transfer', { facts: transferFacts(visit, detail.transfer) }),
    section('who', { facts: whoFacts(visit, detail) }),
    section('decisions', { table: decisionTable(visit, detail) }),
  ]);
}

type Whole = ReadonlyMap<string, FieldDiff['after']>;

/** Hours are one answer, or three. */
const useCaseFields = (whole: Whole) =>
  USE_CASE.flatMap((field) =>
    field === 'useCase.hours' && whole.has('useCase.hours.from')
      ? ['from', 'to', 'timeZone'].map((part) => `useCase.hours.${part}`)
      : [field],
  );

const dataUseFields = (question: string, whole: Whole) =>
  ['answer', 'explanation']
    .map((part) => `dataUse.${question}.${part}`)
    .filter((field) => whole.has(field) || field.endsWith('.answer'));

/** What was left open is shown as such. */
function cellsOf({ words: { t } }: Visit, words: RevisionWords, field: string, whole: Whole): Cell[] {
  const values = words.values(field, whole.get(field) ?? null);
  if (values.length > 0) return values.map((text) => ({ text, literal: words.isLiteral(field) }));
  return MAY_BE_SILENT.includes(field)
    ? [{ text: t('console.none-given') }]
    : [{ text: t('console.unanswered'), look: 'off' }];
}

/** What the use case explains, beside what is asked for. */
function ceilingPart({ words }: Visit, { revision, review }: ReviewDetail) {
  const derived = ceilingOf(revision.useCase);
  const literal = (texts: readonly string[]): Cell[] =>
    texts.length === 0
      ? [{ text: words.t('console.nothing') }]
      : texts.map((text) => ({ text, literal: true }));
  return {
    lead: words.t(review.approvalsNeeded > 1 ? 'console.ceiling.two' : 'console.ceiling.one'),
    facts: [
      words.fact('asked-scopes', ...literal(revision.scopeCeiling.split(' '))),
      words.fact('derived-scopes', ...literal(derived.scopes.map(formatScope))),
      words.fact(
        'operations',
        ...derived.operations.map((operation) => ({ text: words.t(`console.operation.${operation}`) })),
      ),
      words.fact('fhir-servers', ...literal(revision.audiences)),
    ],
  };
}

const domainTable = ({ words }: Visit, { domains }: ReviewDetail) =>
  words.table(
    ['domain', 'state'],
    domains.map(({ domain, verifiedAt }) => [
      { text: domain, literal: true },
      verifiedAt === null
        ? { text: words.t('console.domain.unverified'), look: 'off' }
        : { text: words.t('console.domain.verified'), look: 'on', quiet: words.day(verifiedAt) },
    ]),
    words.t('console.domain.none'),
  );

const lookAlikeTable = ({ words }: Visit, { lookAlikes }: ReviewDetail) =>
  words.table(
    ['name', 'organization'],
    lookAlikes.map(({ kind, id, name, organizationName }) => [
      { text: name, href: pathTo(kind === 'app' ? 'apps' : 'organizations', id) },
      { text: organizationName },
    ]),
  );

const subprocessorTable = ({ words }: Visit, { subprocessors }: ReviewDetail) =>
  words.table(
    ['organization', 'service', 'country'],
    subprocessors.map(({ organizationId, legalName, country, service }) => [
      { text: legalName, href: pathTo('organizations', organizationId) },
      { text: words.t(`revision.value.service.${service}`) },
      { text: words.country(country) },
    ]),
    words.t('console.subprocessors.none'),
  );

export const changeTable = ({ words }: Visit, { openChanges }: Pick<ReviewDetail, 'openChanges'>) =>
  words.table(
    ['change', 'stopped-scopes', 'recorded', 'cleared'],
    openChanges.map(({ kind, description, affectedScopes, recordedAt, clearedAt }) => [
      { text: words.t(`console.change.${kind}`), quiet: description },
      affectedScopes.map((text) => ({ text, literal: true })),
      { text: words.day(recordedAt) },
      clearedAt === null
        ? { text: words.t('console.change.open'), look: 'off' }
        : { text: words.day(clearedAt) },
    ]),
  );

const transferFacts = ({ words }: Visit, transfer: NonNullable<ReviewDetail['transfer']>) => [
  words.fact('transfer-to', {
    ...{ text: transfer.toOrganizationName, href: pathTo('organizations', transfer.toOrganizationId) },
  }),
  words.fact('new-owner', { text: transfer.newOwnerName }),
  words.fact('state', {
    text: words.t(
      transfer.completes
        ? 'console.transfer.completes'
        : transfer.acceptedAt === null
          ? 'console.transfer.open'
          : 'console.transfer.later',
    ),
  }),
];

const whoFacts = ({ words }: Visit, { app, review }: ReviewDetail) => [
  words.fact('app', { text: app.id, literal: true, href: pathTo('apps', app.id) }),
  words.fact('organization', {
    ...{ text: app.organization.legalName, href: pathTo('organizations', app.organizationId) },
    quiet: words.country(app.organization.country),
  }),
  words.fact('owner', words.person(app.owner?.name ?? null, app.ownerId)),
  words.fact('backup', words.person(app.backupOwner?.name ?? null, app.backupOwnerId)),
  words.fact('contract', {
    text: app.contract?.reference ?? words.t('console.nothing'),
    quiet: app.contract === null ? undefined : words.day(app.contract.endsAt),
  }),
  words.fact('submitted', { text: words.instant(review.submittedAt), quiet: review.submittedByName ?? undefined }),
];

const decisionTable = ({ words }: Visit, { decisions }: ReviewDetail) =>
  words.table(
    ['reviewer', 'decision', 'reason', 'when'],
    decisions.map(({ reviewerId, reviewerName, decision, reason, decidedAt }) => [
      words.person(reviewerName, reviewerId),
      { text: words.t(`console.decision.${decision}`) },
      reason === null ? [] : { text: reason },
      { text: words.instant(decidedAt) },
    ]),
    words.t('console.decision.none'),
  );
