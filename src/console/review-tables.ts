import { ceilingOf } from '../policy/use-case.ts';
import type { ReviewDetail } from '../registry/review-facts.ts';
import { formatScope } from '../smart/scope.ts';
import { faultText } from '../staff/fault-words.ts';
import type { Cell } from './blocks.ts';
import { pathTo, type Visit } from './visit.ts';

/** What the use case explains, beside what is asked for. */
export function ceilingPart({ words }: Visit, { revision, review }: ReviewDetail) {
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

/** What the contract does not cover, each with the field that asks for it. */
export const contractFacts = ({ words: { t } }: Visit, { faults }: ReviewDetail) =>
  faults.map((fault) => ({
    label: t(`revision.field.${fault.field}`),
    cells: [{ text: faultText(fault, t) }],
  }));

export const domainTable = ({ words }: Visit, { domains }: ReviewDetail) =>
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

export const lookAlikeTable = ({ words }: Visit, { lookAlikes }: ReviewDetail) =>
  words.table(
    ['name', 'organization'],
    lookAlikes.map(({ kind, id, name, organizationName }) => [
      { text: name, href: pathTo(kind === 'app' ? 'apps' : 'organizations', id) },
      { text: organizationName },
    ]),
  );

export const subprocessorTable = ({ words }: Visit, { subprocessors }: ReviewDetail) =>
  words.table(
    ['organization', 'service', 'country'],
    subprocessors.map(({ organizationId, legalName, country, service }) => [
      { text: legalName, href: pathTo('organizations', organizationId) },
      { text: words.t(`revision.value.service.${service}`) },
      { text: words.country(country) },
    ]),
    words.t('console.subprocessors.none'),
  );

export const transferFacts = ({ words }: Visit, transfer: NonNullable<ReviewDetail['transfer']>) => [
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

export const whoFacts = ({ words }: Visit, { app, review }: ReviewDetail) => [
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
  words.fact('submitted', {
    text: words.instant(review.submittedAt),
    quiet: review.submittedByName ?? undefined,
  }),
];

export const decisionTable = ({ words }: Visit, { decisions }: ReviewDetail) =>
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
