import type Router from '@koa/router';
import { dayOf } from '../policy/days.ts';
import type { Role } from '../policy/permissions.ts';
import { changeContract, createContract, findContract } from '../registry/contracts.ts';
import { findOrganization } from '../registry/organizations.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { aboveForm } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { ofOrganization } from './organization-forms.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];
const TERMS = ['reference', 'startsAt', 'endsAt'] as const;

const terms = ({ words: { field } }: Visit) => [
  field('text', 'reference', { hint: true }),
  field('date', 'startsAt', { hint: true }),
  field('date', 'endsAt', { hint: true }),
];

/** Days alone are handed in, unless they are as they were: then nothing is said about them. */
function changed(values: URLSearchParams, { startsAt, endsAt }: { startsAt: Date; endsAt: Date }) {
  const given = { reference: '', startsAt: '', endsAt: '', ...textsIn(values, TERMS) };
  const { startsAt: from, endsAt: until, ...rest } = given;
  return {
    ...rest,
    ...(from === dayOf(startsAt) ? {} : { startsAt: from }),
    ...(until === dayOf(endsAt) ? {} : { endsAt: until }),
  };
}

export function contractForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/contracts/new', key: 'contract-new', roles: OPERATOR },
    ...{ serious: true, ...ofOrganization },
    fields: (_, visit) => terms(visit),
    send: async (values, { id }, { registry, actor }) => {
      await createContract(registry, actor, { organizationId: id, ...textsIn(values, TERMS) });
      return `${pathTo('organizations', id)}?done=saved`;
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/contracts/:id', key: 'contract-change', roles: OPERATOR, serious: true },
    open: async ({ registry, actor, id }) => {
      const contract = await findContract(registry, actor, id);
      return { contract, organization: await findOrganization(registry, actor, contract.organizationId) };
    },
    crumbs: ({ organization: { legalName, id } }, visit) => aboveForm('organizations', legalName, id, visit),
    names: ({ organization: { legalName } }) => ({ name: legalName }),
    fields: (_, visit) => terms(visit),
    values: ({ contract: { reference, startsAt, endsAt } }) =>
      new URLSearchParams({ reference, startsAt: dayOf(startsAt), endsAt: dayOf(endsAt) }),
    send: async (values, { contract, organization }, { registry, actor }) => {
      await changeContract(registry, actor, contract.id, changed(values, contract));
      return `${pathTo('organizations', organization.id)}?done=saved`;
    },
  });
}
