// What an organization is given: where notices are posted, tokens to register with, and another one to go up in.
import type Router from '@koa/router';
import { ENVIRONMENTS } from '../policy/environments.ts';
import type { Role } from '../policy/permissions.ts';
import { listContracts } from '../registry/contracts.ts';
import { createInitialAccessToken, endInitialAccessToken } from '../registry/initial-access-tokens.ts';
import { mergeOrganizations } from '../registry/mergers.ts';
import { findOrganization, listOrganizations } from '../registry/organizations.ts';
import { listPeople } from '../registry/person-records.ts';
import { removeWebhook, setWebhook } from '../registry/webhooks.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { wordIn } from '../staff/query.ts';
import { formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { ofOrganization, openOrganization } from './organization-forms.ts';
import { showSecret } from './secret-page.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];
const MOST = 200;

/** People who may answer for what belongs to the organization. */
export async function ownerOptions({ registry, actor }: Visit, organizationId: string, role?: Role) {
  const filter = { organizationId, role };
  const { rows } = await listPeople(registry, actor, { filter, limit: MOST });
  return rows.map(({ id, name }) => ({ value: id, label: name }));
}

export async function contractOptions({ registry, actor, words }: Visit, organizationId: string) {
  const contracts = await listContracts(registry, actor, organizationId);
  return contracts.map(({ id, reference, endsAt }) => ({
    value: id,
    label: `${reference} (${words.day(endsAt)})`,
  }));
}

export function organizationServices(router: Router, deps: StaffDeps): void {
  webhookForms(router, deps);
  tokenForms(router, deps);
  mergeForms(router, deps);
}

function webhookForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/webhook', key: 'webhook-set', roles: OPERATOR, ...ofOrganization },
    fields: (_, { words }) => [words.field('url', 'url', { hint: true, literal: true })],
    values: ({ webhookUrl }) => new URLSearchParams({ url: webhookUrl ?? '' }),
    send: async (values, { id, legalName }, visit) => {
      const { secret } = await setWebhook(visit.registry, visit.actor, id, textsIn(values, ['url']));
      const names = { name: legalName };
      return showSecret('organizations', visit, {
        ...{ key: 'webhook', secret, nextUrl: pathTo('organizations', id), names },
      });
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/webhook/remove', key: 'webhook-remove', roles: OPERATOR },
    ...{ look: 'danger', ...ofOrganization },
    fields: () => [],
    send: async (_, { id }, { registry, actor }) => {
      await removeWebhook(registry, actor, id);
      return `${pathTo('organizations', id)}?done=saved`;
    },
  });
}

function tokenForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/tokens/new', key: 'token-new', roles: OPERATOR, serious: true },
    crumbs: ({ organization }, visit) => ofOrganization.crumbs(organization, visit),
    names: ({ organization }) => ofOrganization.names(organization),
    open: async (visit) => ({
      organization: await openOrganization(visit),
      owners: await ownerOptions(visit, visit.id, 'owner'),
    }),
    fields: ({ owners }, { words }) => [
      words.field('select', 'ownerId', { hint: true, options: owners }),
      words.choice('environment', 'environment', ENVIRONMENTS),
      words.field('number', 'days'),
      words.field('number', 'uses'),
    ],
    values: () => new URLSearchParams({ days: '7', uses: '1' }),
    send: async (values, { organization: { id, legalName } }, visit) => {
      const { days, uses, ...given } = textsIn(values, ['ownerId', 'environment', 'days', 'uses']);
      const { token } = await createInitialAccessToken(visit.registry, visit.actor, {
        ...{ organizationId: id, ...given, days: Number(days), uses: Number(uses) },
      });
      const names = { name: legalName };
      return showSecret('organizations', visit, {
        ...{ key: 'token', secret: token, nextUrl: pathTo('organizations', id), names },
      });
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/tokens/:tokenId/end', key: 'token-end', roles: OPERATOR },
    ...{ look: 'danger', ...ofOrganization },
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { id }, { registry, actor, ctx }) => {
      const why = textsIn(values, ['reason']);
      await endInitialAccessToken(registry, actor, String(ctx.params.tokenId), why);
      return `${pathTo('organizations', id)}?done=ended`;
    },
  });
}

function mergeForms(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: '/admin/organizations/:id/merge', key: 'merge', columns: ['legal-name', 'country', 'people'] },
    filters: ({ words }) => [words.field('search', 'name')],
    actions: () => [],
    read: async ({ registry, actor, ctx, id }, after) => {
      const filter = { name: wordIn(ctx, 'name') };
      const { rows, next } = await listOrganizations(registry, actor, { after, filter });
      return { rows: rows.filter((row) => row.id !== id && row.offboardedAt === null), next };
    },
    cells: (into, { words, id }) => [
      { text: into.legalName, href: pathTo('organizations', id, 'merge', into.id) },
      { text: words.country(into.country) },
      { text: String(into.people) },
    ],
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/merge/:intoId', key: 'organization-merge', roles: OPERATOR },
    ...{ serious: true, look: 'danger' },
    open: async (visit) => {
      const { registry, actor, ctx } = visit;
      const into = await findOrganization(registry, actor, String(ctx.params.intoId));
      const organization = await openOrganization(visit);
      const owners = await ownerOptions(visit, into.id, 'owner');
      return { organization, into, owners, contracts: await contractOptions(visit, into.id) };
    },
    crumbs: ({ organization }, visit) => ofOrganization.crumbs(organization, visit),
    names: ({ organization, into }) => ({ name: organization.legalName, into: into.legalName }),
    confirm: ({ organization }) => organization.legalName,
    fields: ({ owners, contracts }, { words }) => [
      words.field('select', 'newOwnerId', { hint: true, options: owners }),
      words.field('select', 'newContractId', {
        ...{ hint: true, optional: true },
        options: [{ value: '', label: words.t('console.nothing') }, ...contracts],
      }),
    ],
    send: async (values, { organization, into }, { registry, actor }) => {
      const newContractId = textIn(values, 'newContractId') ?? null;
      const given = { intoId: into.id, newOwnerId: textIn(values, 'newOwnerId') ?? '', newContractId };
      await mergeOrganizations(registry, actor, organization.id, given);
      return `${pathTo('organizations', organization.id)}?done=merging`;
    },
  });
}
