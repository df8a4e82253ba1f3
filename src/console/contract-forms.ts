import type Router from '@koa/router';
import { dayOf } from '../policy/days.ts';
import type { Role } from '../policy/permissions.ts';
import { approveRenewal, renewContract } from '../registry/contract-renewals.ts';
import { type ContractRow, changeContract, createContract, findContract } from '../registry/contracts.ts';
import { findOrganization, type OrganizationDetail } from '../registry/organizations.ts';
import { listSubprocessors, namedSubprocessors, type OrganizationChoice } from '../registry/subprocessors.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { termsControl, termsFields, termsIn, termsValues } from './contract-fields.ts';
import { aboveForm } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];
const REVIEWER: readonly Role[] = ['reviewer'];

export interface KnownContract {
  readonly contract: ContractRow;
  readonly organization: OrganizationDetail;
  /** Those that may be named, and those that are. */
  readonly subprocessors: readonly OrganizationChoice[];
}

export async function openContract({ registry, actor, id }: Visit): Promise<KnownContract> {
  const contract = await findContract(registry, actor, id);
  const organization = await findOrganization(registry, actor, contract.organizationId);
  const [{ rows }, named] = await Promise.all([
    listSubprocessors(registry, actor, { limit: 200 }),
    namedSubprocessors(registry, actor, contract.subprocessors),
  ]);
  const all = new Map([...rows, ...named].map((one) => [one.id, one]));
  return { contract, organization, subprocessors: [...all.values()] };
}

const about = {
  open: openContract,
  crumbs: ({ organization: { legalName, id } }: KnownContract, visit: Visit) =>
    aboveForm('organizations', legalName, id, visit),
  names: ({ organization: { legalName } }: KnownContract) => ({ name: legalName }),
} as const;

type Named = Pick<KnownContract, 'organization' | 'subprocessors'>;

const terms = {
  fields: ({ subprocessors }: Named, visit: Visit) => termsFields(visit, subprocessors),
  controlOf: termsControl,
} as const;

/** Days alone are handed in, unless they are as they were: then nothing is said about them. */
function changed(values: URLSearchParams, { startsAt, endsAt }: ContractRow) {
  const { startsAt: from, endsAt: until, ...rest } = termsIn(values);
  return {
    ...rest,
    ...(from === dayOf(startsAt) ? {} : { startsAt: from }),
    ...(until === dayOf(endsAt) ? {} : { endsAt: until }),
  };
}

const done = (id: string) => `${pathTo('contracts', id, 'terms')}?done=saved`;

export function contractForms(router: Router, deps: StaffDeps): void {
  formPage<Named>(router, deps, {
    ...{ path: '/admin/organizations/:id/contracts/new', key: 'contract-new', roles: OPERATOR },
    ...{ serious: true, ...terms },
    open: async ({ registry, actor, id }) => ({
      organization: await findOrganization(registry, actor, id),
      subprocessors: (await listSubprocessors(registry, actor, { limit: 200 })).rows,
    }),
    crumbs: ({ organization: { legalName, id } }, visit) => aboveForm('organizations', legalName, id, visit),
    names: ({ organization: { legalName } }) => ({ name: legalName }),
    send: async (values, { organization: { id } }, { registry, actor }) => {
      await createContract(registry, actor, { organizationId: id, ...termsIn(values) });
      return `${pathTo('organizations', id)}?done=saved`;
    },
  });

  formPage<KnownContract>(router, deps, {
    ...{ path: '/admin/contracts/:id', key: 'contract-change', roles: OPERATOR, serious: true },
    ...{ ...about, ...terms },
    values: ({ contract }) => termsValues(contract),
    send: async (values, { contract, organization }, { registry, actor }) => {
      await changeContract(registry, actor, contract.id, changed(values, contract));
      return `${pathTo('organizations', organization.id)}?done=saved`;
    },
  });

  formPage<KnownContract>(router, deps, {
    ...{ path: '/admin/contracts/:id/renew', key: 'contract-renew', roles: OPERATOR, serious: true },
    ...{ ...about, ...terms },
    values: ({ contract }) => {
      const values = termsValues(contract);
      values.set('startsAt', values.get('endsAt') ?? '');
      for (const name of ['endsAt', 'documentHash']) values.delete(name);
      return values;
    },
    send: async (values, { contract }, { registry, actor }) => {
      const { startsAt, ...given } = termsIn(values);
      // The day on which the one before ends: it begins at that instant.
      const begins = startsAt === dayOf(contract.endsAt) ? {} : { startsAt };
      const { contractId } = await renewContract(registry, actor, contract.id, { ...given, ...begins });
      return done(contractId);
    },
  });

  formPage<KnownContract>(router, deps, {
    ...{ path: '/admin/contracts/:id/approve', key: 'contract-approve', roles: REVIEWER, serious: true },
    ...about,
    notice: ({ contract }, { words: { t } }) =>
      contract.approvalNeeded.map((change) => t(`contract.flow.${change}`)).join(' '),
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { contract }, { registry, actor }) => {
      await approveRenewal(registry, actor, contract.id, textsIn(values, ['reason']));
      return done(contract.id);
    },
  });
}
