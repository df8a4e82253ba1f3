import type Router from '@koa/router';
import type { Role } from '../policy/permissions.ts';
import { resumeOrganization, suspendOrganization } from '../registry/organization-standing.ts';
import {
  admitOrganization,
  CONTACT_ROLES,
  changeOrganization,
  createOrganization,
  findOrganization,
  ORGANIZATION_KINDS,
  type OrganizationDetail,
} from '../registry/organizations.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { above, aboveForm } from './crumbs.ts';
import { type FormPage, formPage } from './form-page.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];

export const openOrganization = ({ registry, actor, id }: Visit) => findOrganization(registry, actor, id);

/** What all forms about one organization share. */
export const ofOrganization = {
  open: openOrganization,
  crumbs: ({ legalName, id }: OrganizationDetail, visit: Visit) =>
    aboveForm('organizations', legalName, id, visit),
  names: ({ legalName }: OrganizationDetail) => ({ name: legalName }),
} as const;

const back = (id: string, done: string) => `${pathTo('organizations', id)}?done=${done}`;

const identity = ({ words }: Visit) => [
  words.field('text', 'legalName', { autocomplete: 'off' }),
  words.choice('kind', 'kind', ORGANIZATION_KINDS),
  words.field('select', 'country', { options: words.countryOptions() }),
  words.field('text', 'identifier', { hint: true, optional: true }),
];

export function organizationForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/organizations/new', key: 'organization-new', roles: OPERATOR },
    open: async () => undefined,
    crumbs: (_, visit) => above('organizations', visit),
    fields: (_, visit) => identity(visit),
    values: () => new URLSearchParams({ country: deps.registry.settings.operatorCountry }),
    send: async (values, _, { registry, actor }) => {
      const given = textsIn(values, ['legalName', 'kind', 'country', 'identifier']);
      const { organizationId } = await createOrganization(registry, actor, given);
      return back(organizationId, 'created');
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/change', key: 'organization-change', roles: OPERATOR },
    ...ofOrganization,
    fields: (_, visit) => identity(visit),
    values: ({ legalName, kind, country, identifier }) =>
      new URLSearchParams({ legalName, kind, country, identifier: identifier ?? '' }),
    send: async (values, { id }, { registry, actor }) => {
      const given = {
        ...textsIn(values, ['legalName', 'kind', 'country']),
        identifier: textIn(values, 'identifier') ?? null,
      };
      await changeOrganization(registry, actor, id, { legalName: '', ...given });
      return back(id, 'saved');
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/admit', key: 'organization-admit', roles: OPERATOR },
    ...{ serious: true, ...ofOrganization },
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { id }, { registry, actor }) => {
      await admitOrganization(registry, actor, id, textsIn(values, ['reason']));
      return back(id, 'admitted');
    },
  });

  contactForms(router, deps);
  standingForms(router, deps);
}

function contactForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/contacts/new', key: 'contact-new', roles: OPERATOR },
    ...ofOrganization,
    fields: (_, { words }) => [
      words.choice('role', 'contact', CONTACT_ROLES),
      words.field('text', 'name'),
      words.field('email', 'email'),
      words.field('text', 'phone', { optional: true }),
    ],
    controlOf: (field) => field.replace(/^contacts\.\d+\./, ''),
    send: async (values, { id, contacts }, { registry, actor }) => {
      const added = textsIn(values, ['role', 'name', 'email', 'phone']);
      await changeOrganization(registry, actor, id, { contacts: [...contacts, added] });
      return back(id, 'saved');
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/contacts/:role/:email/remove', key: 'contact-remove' },
    ...{ roles: OPERATOR, look: 'danger', ...ofOrganization },
    names: ({ legalName }, { ctx }) => ({ name: legalName, email: ctx.params.email ?? '' }),
    fields: () => [],
    send: async (_, { id, contacts }, { registry, actor, ctx }) => {
      const { role, email } = ctx.params as { role: string; email: string };
      const kept = contacts.filter((contact) => contact.role !== role || contact.email !== email);
      await changeOrganization(registry, actor, id, { contacts: kept });
      return back(id, 'saved');
    },
  });
}

function standingForms(router: Router, deps: StaffDeps): void {
  const form = (
    below: 'suspend' | 'resume' | 'offboard',
    done: string,
    command: typeof suspendOrganization,
    more: Partial<FormPage<OrganizationDetail>> = {},
  ) =>
    formPage(router, deps, {
      ...{ path: `/admin/organizations/:id/${below}`, key: `organization-${below}`, roles: OPERATOR },
      ...{ serious: true, ...ofOrganization, ...more },
      fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
      send: async (values, { id }, { registry, actor }) => {
        await command(registry, actor, id, textsIn(values, ['reason']));
        return back(id, done);
      },
    });
  const typed = { look: 'danger', confirm: ({ legalName }: OrganizationDetail) => legalName } as const;
  form('suspend', 'suspended', suspendOrganization, { ...typed, roles: ['operator', 'security_officer'] });
  form('resume', 'resumed', resumeOrganization);
}
