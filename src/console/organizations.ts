import type Router from '@koa/router';
import { may } from '../policy/permissions.ts';
import { listApps } from '../registry/app-records.ts';
import { listEvents } from '../registry/audit-log.ts';
import { listContracts } from '../registry/contracts.ts';
import { listDomains } from '../registry/domains.ts';
import { listInitialAccessTokens } from '../registry/initial-access-tokens.ts';
import {
  findOrganization,
  listOrganizations,
  ORGANIZATION_KINDS,
  type OrganizationRow,
} from '../registry/organizations.ts';
import { listPeople } from '../registry/person-records.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { choiceIn, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { ORGANIZATION_STATES } from '../store/organizations.ts';
import type { Cell } from './blocks.ts';
import { above } from './crumbs.ts';
import { listPage } from './list-page.ts';
import { organizationSections } from './organization-sections.ts';
import { readStaffAccess } from './staff-access.ts';
import { pathTo, visitOf } from './visit.ts';
import type { Words } from './words.ts';

/** How much of a list stands on the page of its organization. */
const SHOWN = 20;
const EVENTS = 8;

type States = Pick<OrganizationRow, 'admittedAt' | 'suspendedAt' | 'offboardedAt' | 'mergedAt'>;

function organizationTag(organization: States, { t }: Words): Cell {
  const { admittedAt, suspendedAt, offboardedAt, mergedAt } = organization;
  const tag = (state: string, look: Cell['look']): Cell => ({ text: t(`console.state.${state}`), look });
  if (mergedAt !== null) return tag('merged', 'off');
  if (offboardedAt !== null) return tag('offboarded', 'off');
  if (suspendedAt !== null) return tag('suspended', 'off');
  return admittedAt === null ? tag('sandbox-only', 'soon') : tag('admitted', 'on');
}

export function organizationPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: '/admin/organizations', key: 'organizations' },
    columns: ['legal-name', 'kind', 'country', 'state', 'apps', 'people'],
    filters: ({ words }) => [
      words.field('search', 'name'),
      words.choice('kind', 'kind', ORGANIZATION_KINDS, true),
      words.choice('state', 'organization-state', ORGANIZATION_STATES, true),
    ],
    actions: ({ actor, words: { t } }) =>
      may(actor, 'organization.create')
        ? [
            {
              href: '/admin/organizations/new',
              label: t('console.form.organization-new.title'),
              look: 'primary',
            },
          ]
        : [],
    read: ({ registry, actor, ctx }, after) => {
      const kind = choiceIn(ctx, 'kind', ORGANIZATION_KINDS);
      const filter = { name: wordIn(ctx, 'name'), kind, state: choiceIn(ctx, 'state', ORGANIZATION_STATES) };
      return listOrganizations(registry, actor, { after, filter });
    },
    cells: (organization, { words }) => [
      { text: organization.legalName, href: pathTo('organizations', organization.id) },
      { text: words.t(`console.kind.${organization.kind}`) },
      { text: words.country(organization.country) },
      organizationTag(organization, words),
      { text: String(organization.apps) },
      { text: String(organization.people) },
    ],
  });

  router.get('/admin/organizations/:id', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const { registry, actor, words, id } = visit;
    const organization = await findOrganization(registry, actor, id);
    const filter = { organizationId: id };
    const [access, contracts, domains, tokens, people, apps, events] = await Promise.all([
      readStaffAccess(registry, actor, id),
      listContracts(registry, actor, id),
      listDomains(registry, actor, id),
      may(actor, 'initial_access_token.manage', filter) ? listInitialAccessTokens(registry, actor, id) : [],
      listPeople(registry, actor, { filter, limit: SHOWN }),
      listApps(registry, actor, { filter, limit: SHOWN }),
      listEvents(registry, actor, filter, { limit: EVENTS }),
    ]);
    const known = { organization, access, contracts, domains, tokens, people, apps, events };
    const isMerging = organization.mergedIntoId !== null && organization.mergedAt === null;
    const view = {
      title: organization.legalName,
      tags: [
        organizationTag(organization, words),
        { text: words.t(`console.kind.${organization.kind}`), look: 'plain' },
      ],
      notices: [
        ...(organization.lookAlikes.length > 0
          ? [
              {
                text: words.t('console.organization.look-alikes', {
                  names: organization.lookAlikes.map(({ legalName }) => legalName).join(', '),
                }),
                look: 'warning',
              },
            ]
          : []),
        ...(isMerging ? [{ text: words.t('console.organization.merging'), look: 'warning' }] : []),
      ],
      sections: organizationSections(visit, known),
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('organizations', visit) });
  });
}
