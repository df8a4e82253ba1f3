import { may } from '../policy/permissions.ts';
import type { ContractRow } from '../registry/contracts.ts';
import type { InitialAccessTokenRow } from '../registry/initial-access-tokens.ts';
import type { OrganizationDetail } from '../registry/organizations.ts';
import type { Cell } from './blocks.ts';
import { pathTo, type Visit } from './visit.ts';

export const organizationFacts = ({ words }: Visit, organization: OrganizationDetail) => [
  words.fact('legal-name', { text: organization.legalName }),
  words.fact('country', { text: words.country(organization.country) }),
  words.fact('identifier', { text: organization.identifier ?? words.t('console.nothing') }),
  words.fact('admitted', { text: words.day(organization.admittedAt) }),
  words.fact('created', { text: words.day(organization.createdAt) }),
  words.fact('id', { text: organization.id, literal: true }),
];

export function contractTable({ words, actor }: Visit, contracts: readonly ContractRow[]) {
  const now = new Date();
  const state = ({ startsAt, endsAt }: ContractRow): Cell => {
    if (endsAt <= now) return { text: words.t('console.contract.ended'), look: 'off' };
    if (startsAt > now) return { text: words.t('console.contract.later'), look: 'soon' };
    return { text: words.t('console.contract.in-force'), look: 'on' };
  };
  return words.table(
    ['contract', 'from', 'until', 'apps', 'state'],
    contracts.map((contract) => [
      {
        text: contract.reference,
        href: may(actor, 'contract.manage') ? pathTo('contracts', contract.id) : undefined,
      },
      { text: words.day(contract.startsAt) },
      { text: words.day(contract.endsAt) },
      { text: String(contract.apps) },
      state(contract),
    ]),
    words.t('console.contract.none'),
  );
}

export function tokenTable(
  { words }: Visit,
  tokens: readonly InitialAccessTokenRow[],
  path: (...below: string[]) => string,
) {
  const now = new Date();
  return words.table(
    ['token', 'environment', 'uses-left', 'until', 'end'],
    tokens.map((token) => [
      { text: token.id.slice(0, 12), literal: true },
      { text: words.t(`console.environment.${token.environment}`) },
      { text: String(token.usesLeft) },
      { text: words.day(token.expiresAt) },
      token.revokedAt !== null || token.expiresAt <= now
        ? { text: words.t('console.ended'), look: 'off' }
        : { text: words.t('console.form.token-end.button'), href: path('tokens', token.id, 'end') },
    ]),
  );
}
