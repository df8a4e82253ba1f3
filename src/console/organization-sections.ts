import { type Action as Command, may } from '../policy/permissions.ts';
import type { AppListed } from '../registry/app-records.ts';
import type { LoggedEvent } from '../registry/audit-log.ts';
import type { ContractRow } from '../registry/contracts.ts';
import type { DomainRow } from '../registry/domains.ts';
import type { InitialAccessTokenRow } from '../registry/initial-access-tokens.ts';
import type { OrganizationDetail } from '../registry/organizations.ts';
import type { PersonRow } from '../registry/person-records.ts';
import type { Page } from '../store/paging.ts';
import { appTag } from './app-tags.ts';
import { type Action, present, type Section } from './blocks.ts';
import { cutOffLink } from './cut-offs.ts';
import { eventsSection } from './events.ts';
import { contractTable, organizationFacts, tokenTable } from './organization-tables.ts';
import { roleCells } from './person-cells.ts';
import { type StaffAccess, staffAccessSection } from './staff-access.ts';
import { pathTo, type Visit } from './visit.ts';

export interface KnownOrganization {
  readonly organization: OrganizationDetail;
  readonly access: StaffAccess;
  readonly contracts: readonly ContractRow[];
  readonly domains: readonly DomainRow[];
  readonly tokens: readonly InitialAccessTokenRow[];
  readonly people: Page<PersonRow>;
  readonly apps: Page<AppListed>;
  readonly events: Page<LoggedEvent>;
}

/** The page of an organization, with the forms that this person may open. */
export function organizationSections(visit: Visit, known: KnownOrganization): Section[] {
  const { words, actor, registry } = visit;
  const { organization } = known;
  const { t } = words;
  const path = (...below: string[]) => pathTo('organizations', organization.id, ...below);
  const about = { organizationId: organization.id };
  const link = (action: Command, key: string, below: string[], look?: Action['look']) =>
    organization.offboardedAt === null &&
    may(actor, action, action === 'person.invite' ? { ...about, roles: ['developer'] } : about) && {
      ...{ href: path(...below), label: t(`console.form.${key}.button`), look },
    };
  const section = (id: string, rest: Omit<Section, 'id' | 'title'>): Section => ({
    ...{ id, title: t(`console.section.${id}`), ...rest },
  });
  const isSuspended = organization.suspendedAt !== null;
  return present<Section>([
    section('facts', {
      facts: organizationFacts(visit, organization),
      actions: present([link('organization.identify', 'organization-change', ['change'])]),
    }),
    section('standing', {
      lead: t('console.organization.standing'),
      actions: present([
        organization.admittedAt === null &&
          link('organization.admit', 'organization-admit', ['admit'], 'primary'),
        !isSuspended && link('organization.suspend', 'organization-suspend', ['suspend'], 'danger'),
        isSuspended && link('organization.resume', 'organization-resume', ['resume']),
        organization.mergedIntoId === null && link('organization.merge', 'organization-merge', ['merge']),
        cutOffLink(visit, 'organization', organization.id),
        link('organization.offboard', 'organization-offboard', ['offboard'], 'danger'),
      ]),
    }),
    section('contracts', {
      table: contractTable(visit, known.contracts),
      ...{ actions: present([link('contract.manage', 'contract-new', ['contracts', 'new'])]), wide: true },
    }),
    section('contacts', {
      table: words.table(
        ['role', 'name', 'email', 'phone', 'remove'],
        organization.contacts.map(({ role, name, email, phone }) => [
          { text: t(`console.contact.${role}`) },
          { text: name },
          { text: email },
          phone === undefined ? [] : { text: phone },
          may(actor, 'organization.change', about)
            ? { text: t('console.form.contact-remove.button'), href: path('contacts', role, email, 'remove') }
            : [],
        ]),
      ),
      ...{ actions: present([link('organization.change', 'contact-new', ['contacts', 'new'])]), wide: true },
    }),
    section('people', {
      table: words.table(
        ['name', 'roles', 'email'],
        known.people.rows.map((person) => [
          { text: person.name, href: pathTo('people', person.id) },
          roleCells(person.roles, words),
          { text: person.email },
        ]),
      ),
      actions: present([
        link('person.invite', 'person-invite', ['people', 'new']),
        known.people.next !== null && all(visit, 'people', organization.id),
      ]),
      wide: true,
    }),
    section('apps', {
      table: words.table(
        ['app', 'environment', 'state', 'owner'],
        known.apps.rows.map((app) => [
          { text: app.name, href: pathTo('apps', app.id) },
          { text: t(`console.environment.${app.environment}`) },
          appTag(app, words),
          words.person(app.ownerName, app.ownerId),
        ]),
      ),
      ...{ actions: present([known.apps.next !== null && all(visit, 'apps', organization.id)]), wide: true },
    }),
    section('domains', {
      table: words.table(
        ['domain', 'state'],
        known.domains.map(({ domain, verifiedAt }) => [
          { text: domain, literal: true },
          {
            text: t(`console.domain.${verifiedAt === null ? 'unverified' : 'verified'}`),
            look: verifiedAt === null ? 'off' : 'on',
          },
        ]),
        t('console.domain.none'),
      ),
    }),
    section('webhook', {
      lead: t('console.webhook.lead'),
      facts: [
        words.fact(
          'webhook',
          organization.webhookUrl === null
            ? { text: t('console.nothing') }
            : { text: organization.webhookUrl, literal: true },
        ),
      ],
      actions: present([
        link('organization.change', 'webhook-set', ['webhook']),
        organization.webhookUrl !== null &&
          link('organization.change', 'webhook-remove', ['webhook', 'remove'], 'danger'),
      ]),
    }),
    (registry.settings.registrationEnabled || known.tokens.length > 0) &&
      section('tokens', {
        lead: t('console.tokens.lead'),
        table: tokenTable(visit, known.tokens, path),
        ...{
          actions: present([link('initial_access_token.manage', 'token-new', ['tokens', 'new'])]),
          wide: true,
        },
      }),
    staffAccessSection(visit, organization.id, known.access),
    eventsSection(visit, known.events, path('events')),
  ]);
}

const all = ({ words: { t } }: Visit, kind: 'people' | 'apps', organizationId: string): Action => ({
  ...{
    href: `${pathTo(kind)}?${new URLSearchParams({ organization: organizationId })}`,
    label: t('console.all-of-them'),
  },
});
