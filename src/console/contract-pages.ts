import type Router from '@koa/router';
import { authorOf, may } from '../policy/permissions.ts';
import { type ContractRow, listContracts, listContractTerms, type TermsRow } from '../registry/contracts.ts';
import { awaitsApproval, contractState, daysLeft, limitFacts } from '../staff/contract-words.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { renderStaff } from '../staff/render.ts';
import { type Action, type Cell, present, type Section } from './blocks.ts';
import { type KnownContract, openContract } from './contract-forms.ts';
import { aboveForm } from './crumbs.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

/** A contract with its limits, what may be done about it, and all that was ever agreed. */
export function contractPages(router: Router, deps: StaffDeps): void {
  router.get('/admin/contracts/:id/terms', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const known = await openContract(visit);
    const { contract, organization } = known;
    const { t } = visit.words;
    const rows = await listContractTerms(visit.registry, visit.actor, contract.id);
    const others = await listContracts(visit.registry, visit.actor, organization.id);
    const { state, look } = contractState(contract, new Date());
    const view = {
      title: contract.reference,
      tags: [{ text: t(`console.contract.${state}`), look }],
      notices: awaitsApproval(contract)
        ? contract.approvalNeeded.map((change) => ({ text: t(`contract.flow.${change}`), look: 'warning' }))
        : [],
      sections: [
        termsSection(visit, known, others),
        limitsSection(visit, known),
        historySection(visit, rows),
      ],
    };
    const crumbs = aboveForm('organizations', organization.legalName, organization.id, visit);
    renderStaff(ctx, 'admin-record', view, { crumbs });
  });
}

function termsSection(visit: Visit, { contract }: KnownContract, others: readonly ContractRow[]): Section {
  const { words } = visit;
  const { t } = words;
  const { startsAt, endsAt, documentHash, renewsId, renewalId, approvedAt, approvedBy } = contract;
  const link = (id: string | null): Cell => {
    if (id === null) return { text: t('console.nothing') };
    const other = others.find((one) => one.id === id);
    const href = pathTo('contracts', id, 'terms');
    if (other === undefined) return { text: id, href };
    const state = t(`console.contract.${contractState(other, new Date()).state}`);
    return {
      text: other.reference,
      href,
      quiet: `${words.day(other.startsAt)} – ${words.day(other.endsAt)}. ${state}`,
    };
  };
  return {
    ...{ id: 'contract-terms', title: t('console.section.contract-terms') },
    facts: [
      words.fact('from', { text: words.day(startsAt) }),
      words.fact('until', {
        text: words.day(endsAt),
        quiet: t('contract.days-left', { count: daysLeft(contract, new Date()) }),
      }),
      words.fact('apps', { text: String(contract.apps) }),
      words.fact('documentHash', { text: documentHash ?? t('console.nothing'), literal: true }),
      words.fact('renews', link(renewsId)),
      words.fact('renewal', link(renewalId)),
      ...(approvedAt === null
        ? []
        : [
            words.fact('renewal-approved', {
              text: words.instant(approvedAt),
              quiet: approvedBy ?? undefined,
            }),
          ]),
    ],
    actions: actionsOf(visit, contract),
  };
}

function actionsOf({ actor, words: { t } }: Visit, contract: ContractRow): Action[] {
  const { id, organizationId, renewalId, renewedBy } = contract;
  const manage = may(actor, 'contract.manage');
  const authors = renewedBy === null ? [] : [renewedBy];
  const mayApprove =
    authorOf(actor) !== renewedBy && may(actor, 'contract.approve', { organizationId, authors });
  return present([
    awaitsApproval(contract) &&
      mayApprove && {
        ...{ href: pathTo('contracts', id, 'approve'), label: t('console.form.contract-approve.button') },
        look: 'primary' as const,
      },
    manage && { href: pathTo('contracts', id), label: t('console.form.contract-change.button') },
    manage &&
      renewalId === null && {
        href: pathTo('contracts', id, 'renew'),
        label: t('console.form.contract-renew.button'),
      },
  ]);
}

function limitsSection({ words }: Visit, { contract, subprocessors }: KnownContract): Section {
  const { t } = words;
  const names = contract.subprocessors.map(
    (id) => subprocessors.find((one) => one.id === id)?.legalName ?? id,
  );
  return {
    ...{ id: 'contract-limits', title: t('console.section.contract-limits') },
    lead: contract.limits === null ? t('contract.no-limits') : t('contract.limits.lead'),
    facts: [
      ...limitFacts(contract.limits, t).map(({ label, value }) => ({ label, cells: [{ text: value }] })),
      words.fact('subprocessors', { text: names.join(', ') || t('console.nothing') }),
    ],
  };
}

function historySection({ words }: Visit, rows: readonly TermsRow[]): Section {
  const { t } = words;
  const lines = (row: TermsRow) =>
    limitFacts(row.limits, t).map(({ label, value }): Cell => ({ text: `${label}: ${value}` }));
  return {
    ...{ id: 'contract-history', title: t('console.section.contract-history'), wide: true },
    lead: t('contract.history.lead'),
    table: words.table(
      ['when', 'by', 'reference', 'from', 'until', 'limits'],
      rows.map((row) => [
        { text: words.instant(row.recordedAt) },
        { text: row.recordedBy, literal: true },
        { text: row.reference },
        { text: words.day(row.startsAt) },
        { text: words.day(row.endsAt) },
        row.limits === null ? { text: t('contract.no-limits') } : lines(row),
      ]),
    ),
  };
}
