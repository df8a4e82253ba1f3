import { DATA_USE_QUESTIONS } from '../policy/data-use.ts';
import { specialUses } from '../policy/special-use.ts';
import type { ReviewDetail } from '../registry/review-facts.ts';
import { type FieldDiff, revisionDiff } from '../registry/revision-diff.ts';
import { diffView, type RevisionWords, revisionWords } from '../staff/revision-words.ts';
import { type Action, type Cell, present, type Section } from './blocks.ts';
import { changeTable } from './change-table.ts';
import {
  ceilingPart,
  contractFacts,
  decisionTable,
  domainTable,
  lookAlikeTable,
  subprocessorTable,
  transferFacts,
  whoFacts,
} from './review-tables.ts';
import type { Visit } from './visit.ts';

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

/** What stands in a section of its own: not once more where all of it is new. */
const isBelow = (field: string) =>
  USE_CASE.includes(field) || /^(useCase|dataUse|subprocessors|scopeCeiling|audiences)/.test(field);

/** All that a reviewer must see, what changes first. */
export function reviewSections(
  visit: Visit,
  detail: ReviewDetail,
  diff: readonly FieldDiff[],
  decisions: readonly Action[],
): Section[] {
  const { t, locale } = visit.words;
  const names = new Map(
    detail.subprocessors.map(({ organizationId, legalName }) => [organizationId, legalName]),
  );
  const words = revisionWords(t, locale, names);
  const whole = new Map(revisionDiff(null, detail.revision).map(({ field, after }) => [field, after]));
  const factsOf = (fields: readonly string[]) =>
    fields.map((field) => ({ label: words.label(field), cells: cellsOf(visit, words, field, whole) }));
  const isFirst = detail.inForce === null;
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
      lead: t(isFirst ? 'console.review.first' : 'console.review.against'),
      ...{ diff: diffView(isFirst ? diff.filter(({ field }) => !isBelow(field)) : diff, words), wide: true },
    }),
    section('who', { facts: whoFacts(visit, detail) }),
    section('use-case', { facts: factsOf(useCaseFields(whole)) }),
    section('ceiling', ceilingPart(visit, detail)),
    detail.faults.length > 0 &&
      section('contract', {
        warning: t('console.review.contract-lead'),
        facts: contractFacts(visit, detail),
      }),
    special.length > 0 &&
      section('special', { warning: t('console.special.lead', { uses }), facts: factsOf(SPECIAL) }),
    section('data-use', { facts: factsOf(DATA_USE_QUESTIONS.flatMap((one) => dataUseFields(one, whole))) }),
    section('domains', { table: domainTable(visit, detail) }),
    detail.lookAlikes.length > 0 && section('look-alikes', { table: lookAlikeTable(visit, detail) }),
    section('subprocessors', { table: subprocessorTable(visit, detail) }),
    detail.openChanges.length > 0 && section('clears', { table: changeTable(visit, detail.openChanges) }),
    detail.transfer !== null && section('transfer', { facts: transferFacts(visit, detail.transfer) }),
    section('decisions', { table: decisionTable(visit, detail), actions: decisions, wide: true }),
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
