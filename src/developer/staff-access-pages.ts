import type Router from '@koa/router';
import type { Context } from 'koa';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import type { Role } from '../policy/permissions.ts';
import type { Fault } from '../registry/refusal.ts';
import { createScimToken, endScimToken, listScimTokens } from '../registry/scim-tokens.ts';
import {
  endStaffProviderOf,
  findStaffProvider,
  STAFF_PROVIDER_METHODS,
  setStaffProvider,
  staffRedirectUri,
} from '../registry/staff-providers.ts';
import { attempt } from '../staff/attempt.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor, requireFresh, requireRole } from '../staff/guard.ts';
import { showOnce } from '../staff/once.ts';
import { renderStaff } from '../staff/render.ts';
import { longDate } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import type { DeveloperDeps } from './deps.ts';

const PAGE = '/developer/sign-in';
const OWNER: readonly Role[] = ['owner'];

/** How colleagues sign in beside their passkeys, and how the own directory says who has left. */
export function staffAccessPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry, issuer } = deps;

  function owner(ctx: Context) {
    const actor = requireActor(ctx);
    requireRole(actor, OWNER);
    return actor;
  }

  /** Of a form that was sent: who may, with her passkey shown a short while ago. */
  function sentBy(ctx: Context) {
    const values = formBody(deps.forms, ctx);
    const actor = owner(ctx);
    requireFresh(ctx, FRESH_MINUTES, PAGE);
    return { values, actor };
  }

  async function show(ctx: Context, faults: readonly Fault[] = [], sent?: URLSearchParams): Promise<void> {
    const actor = owner(ctx);
    const [t, locale, now] = [pages.translate(ctx), pages.localeOf(ctx), new Date()];
    const [provider, tokens] = [
      await findStaffProvider(registry, actor, actor.organizationId),
      await listScimTokens(registry, actor, actor.organizationId),
    ];
    const said = sent ?? new URLSearchParams({ required: provider?.required ? 'yes' : 'no' });
    const field = (name: string, extra: object = {}) => ({
      ...{ name, label: t(`console.label.${name}`), value: said.get(name) ?? '', literal: true },
      ...{ autocomplete: 'off', ...extra },
    });
    const hint = (name: string) => ({ hint: t(`console.hint.${name}`) });
    const view = {
      page: PAGE,
      scimUrl: `${issuer}/scim/v2`,
      provider: provider && {
        ...{ issuer: provider.issuer, clientId: provider.clientId, domains: provider.domains },
        redirectUri: staffRedirectUri(issuer, provider.id),
        required: t(`console.yes-no.${provider.required ? 'yes' : 'no'}`),
      },
      // What an operator registered only operators change.
      mayChange: !provider?.coversOversight || actor.roles.includes('operator'),
      fields: [
        field('issuer', { kind: 'url', ...hint('issuer') }),
        field('clientId'),
        field('method', {
          kind: 'select',
          options: STAFF_PROVIDER_METHODS.map((value) => ({ value, label: value })),
        }),
        field('clientSecret', hint('clientSecret')),
        field('domains', { kind: 'textarea', rows: 3, ...hint('domains') }),
        field('acr', { optional: true, ...hint('acr') }),
        field('amr', { optional: true, ...hint('amr') }),
        field('required', {
          ...{ kind: 'select', literal: false },
          options: ['no', 'yes'].map((value) => ({ value, label: t(`console.yes-no.${value}`) })),
        }),
      ],
      reason: { name: 'reason', label: t('console.label.reason'), value: '' },
      tokens: tokens
        .filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > now)
        .map(({ id, name, expiresAt }) => ({ id, name, endsOn: longDate(expiresAt, locale) })),
      token: {
        name: 'name',
        label: t('console.label.name'),
        value: said.get('name') ?? '',
        autocomplete: 'off',
      },
      faults: formFaults(faults, t),
    };
    renderStaff(ctx, 'developer-staff-access', view, { status: faults.length > 0 ? 422 : 200 });
  }

  router.get(PAGE, (ctx) => show(ctx));

  router.post(`${PAGE}/provider`, async (ctx) => {
    const { values, actor } = sentBy(ctx);
    const input = {
      ...textsIn(values, ['issuer', 'clientId', 'method', 'clientSecret', 'acr', 'amr']),
      domains: (textIn(values, 'domains') ?? '').split(/[\s,]+/).filter((domain) => domain !== ''),
      required: values.get('required') === 'yes',
    };
    const set = await attempt(setStaffProvider(registry, actor, actor.organizationId, input));
    if ('faults' in set) return show(ctx, set.faults, values);
    showOnce(deps, ctx, { key: 'provider', text: set.result.redirectUri, next: PAGE });
  });

  router.post(`${PAGE}/provider/end`, async (ctx) => {
    const { values, actor } = sentBy(ctx);
    const input = textsIn(values, ['reason']);
    const ended = await attempt(endStaffProviderOf(registry, actor, actor.organizationId, input));
    if ('faults' in ended) return show(ctx, ended.faults, values);
    seeOther(ctx, `${PAGE}?done=provider-ended`);
  });

  router.post(`${PAGE}/tokens`, async (ctx) => {
    const { values, actor } = sentBy(ctx);
    const made = await attempt(
      createScimToken(registry, actor, actor.organizationId, textsIn(values, ['name'])),
    );
    if ('faults' in made) return show(ctx, made.faults, values);
    const { token, expiresAt: endsAt } = made.result;
    showOnce(deps, ctx, { key: 'scim', text: token, next: PAGE, endsAt });
  });

  router.post(`${PAGE}/tokens/:id/end`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const input = textsIn(sent, ['reason']);
    const ended = await attempt(endScimToken(registry, owner(ctx), String(ctx.params.id), input));
    if ('faults' in ended) return show(ctx, ended.faults, sent);
    seeOther(ctx, `${PAGE}?done=token-ended`);
  });
}
