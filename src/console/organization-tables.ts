import type { ContractRow } from '../registry/contracts.ts';
import type { InitialAccessTokenRow } from '../registry/initial-access-tokens.ts';
import type { OrganizationDetail } from '../registry/organizations.ts';
import { contractState, daysLeft } from '../staff/contract-words.ts';
import { pathTo, type Visit } from './visit.ts';

export const organizationFacts = ({ words }: Visit, organization: OrganizationDetail) => [
  words.fact('legal-name', { text: organization.legalName }),
  words.fact('country', { text: words.country(organization.country) }),
  words.fact('identifier', { text: organization.identifier ?? words.t('console.nothing') }),
  words.fact('admitted', { text: words.day(organization.admittedAt) }),
  words.fact('created', { text: words.day(organization.createdAt) }),
  words.fact('id', { text: organization.id, literal: true }),
];

export function contractTable({ words }: Visit, contracts: readonly ContractRow[]) {
  const now = new Date();
  return words.table(
    ['contract', 'from', 'until', 'apps', 'state'],
    contracts.map((contract) => {
      const { state, look } = contractState(contract, now);
      return [
        { text: contract.reference, href: pathTo('contracts', contract.id, 'terms') },
        { text: words.day(contract.startsAt) },
        {
          text: words.day(contract.endsAt),
          quiet:
            state === 'in-force'
              ? words.t('contract.days-left', { count: daysLeft(contract, now) })
              : undefined,
        },
        { text: String(contract.apps) },
        { text: words.t(`console.contract.${state}`), look },
      ];
    }),
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
