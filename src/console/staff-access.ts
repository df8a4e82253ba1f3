// How the people of an organization sign in beside their passkeys, and how its directory says who has left.
import type Router from '@koa/router';
import { may, type Role } from '../policy/permissions.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { createScimToken, endScimToken, listScimTokens, type ScimTokenRow } from '../registry/scim-tokens.ts';
import {
  endStaffProviderOf,
  findStaffProvider,
  STAFF_PROVIDER_METHODS,
  type StaffProvider,
  setStaffProvider,
} from '../registry/staff-providers.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { type Action, present, type Section } from './blocks.ts';
import { formPage } from './form-page.ts';
import { ofOrganization, openOrganization } from './organization-forms.ts';
import { showSecret } from './secret-page.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];

export interface StaffAccess {
  readonly provider: StaffProvider | null;
  readonly tokens: readonly ScimTokenRow[];
}

export async function readStaffAccess(
  registry: RegistryDeps,
  actor: Visit['actor'],
  organizationId: string,
): Promise<StaffAccess> {
  const about = { organizationId };
  return {
    provider: await findStaffProvider(registry, actor, organizationId),
    tokens: may(actor, 'scim_token.manage', about)
      ? await listScimTokens(registry, actor, organizationId)
      : [],
  };
}

/** A section of the page of an organization. */
export function staffAccessSection(
  { words, actor }: Visit,
  organizationId: string,
  { provider, tokens }: StaffAccess,
): Section {
  const { t } = words;
  const now = new Date();
  const path = (...below: string[]) => pathTo('organizations', organizationId, ...below);
  const link = (key: string, below: string[], look?: Action['look']) =>
    may(actor, 'staff_provider.manage', { organizationId }) && {
      ...{ href: path(...below), label: t(`console.form.${key}.button`), look },
    };
  return {
    ...{ id: 'staff-access', title: t('console.section.staff-access'), lead: t('console.staff-access.lead') },
    facts:
      provider === null
        ? [words.fact('issuer', { text: t('console.nothing') })]
        : [
            words.fact('issuer', { text: provider.issuer, literal: true }),
            words.fact('clientId', { text: provider.clientId, literal: true }),
            words.fact('domains', { text: provider.domains.join(', '), literal: true }),
            words.fact('required', { text: t(`console.yes-no.${provider.required ? 'yes' : 'no'}`) }),
          ],
    table: words.table(
      ['token', 'until', 'end'],
      tokens.map((token) => [
        { text: token.name },
        { text: words.day(token.expiresAt) },
        token.revokedAt !== null || token.expiresAt <= now
          ? { text: t('console.ended'), look: 'off' }
          : { text: t('console.form.scim-end.button'), href: path('scim', token.id, 'end') },
      ]),
    ),
    actions: present([
      link('provider-set', ['provider']),
      provider !== null && link('provider-end', ['provider', 'end'], 'danger'),
      link('scim-new', ['scim', 'new']),
    ]),
    wide: true,
  };
}

export function staffAccessForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/provider', key: 'provider-set', roles: OPERATOR, serious: true },
    open: async (visit) => {
      const organization = await openOrganization(visit);
      return { organization, provider: await findStaffProvider(visit.registry, visit.actor, visit.id) };
    },
    crumbs: ({ organization }, visit) => ofOrganization.crumbs(organization, visit),
    names: ({ organization }) => ofOrganization.names(organization),
    fields: (_, { words }) => [
      words.field('url', 'issuer', { hint: true, literal: true }),
      words.field('text', 'clientId', { literal: true, autocomplete: 'off' }),
      words.choice('method', 'client-auth', STAFF_PROVIDER_METHODS),
      words.field('text', 'clientSecret', { hint: true, literal: true, autocomplete: 'off' }),
      words.field('textarea', 'domains', { hint: true, literal: true, rows: 3 }),
      words.field('text', 'acr', { hint: true, optional: true, literal: true }),
      words.field('text', 'amr', { hint: true, optional: true, literal: true }),
      words.choice('required', 'yes-no', ['no', 'yes']),
    ],
    values: ({ provider }) =>
      new URLSearchParams(
        provider === null
          ? {}
          : {
              ...{ issuer: provider.issuer, clientId: provider.clientId, method: provider.method },
              ...{ domains: provider.domains.join('\n'), acr: provider.acr ?? '', amr: provider.amr ?? '' },
              required: provider.required ? 'yes' : 'no',
            },
      ),
    send: async (values, { organization: { id, legalName } }, visit) => {
      const { redirectUri } = await setStaffProvider(visit.registry, visit.actor, id, {
        ...textsIn(values, ['issuer', 'clientId', 'method', 'clientSecret', 'acr', 'amr']),
        domains: (textIn(values, 'domains') ?? '').split(/[\s,]+/).filter((domain) => domain !== ''),
        required: values.get('required') === 'yes',
      });
      const names = { name: legalName };
      return showSecret('organizations', visit, {
        ...{ key: 'provider', secret: redirectUri, nextUrl: pathTo('organizations', id), names },
      });
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/provider/end', key: 'provider-end', roles: OPERATOR },
    ...{ look: 'danger', serious: true, ...ofOrganization },
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { id }, { registry, actor }) => {
      await endStaffProviderOf(registry, actor, id, textsIn(values, ['reason']));
      return `${pathTo('organizations', id)}?done=ended`;
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/scim/new', key: 'scim-new', roles: OPERATOR, serious: true },
    ...ofOrganization,
    fields: (_, { words }) => [
      words.field('text', 'name', { autocomplete: 'off' }),
      words.field('number', 'days'),
    ],
    values: () => new URLSearchParams({ days: '365' }),
    send: async (values, { id, legalName }, visit) => {
      const { name, days } = textsIn(values, ['name', 'days']);
      const { token } = await createScimToken(visit.registry, visit.actor, id, { name, days: Number(days) });
      const names = { name: legalName };
      return showSecret('organizations', visit, {
        ...{ key: 'scim', secret: token, nextUrl: pathTo('organizations', id), names },
      });
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/scim/:tokenId/end', key: 'scim-end', roles: OPERATOR },
    ...{ look: 'danger', ...ofOrganization },
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { id }, { registry, actor, ctx }) => {
      await endScimToken(registry, actor, String(ctx.params.tokenId), textsIn(values, ['reason']));
      return `${pathTo('organizations', id)}?done=ended`;
    },
  });
}
