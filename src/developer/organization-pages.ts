import type Router from '@koa/router';
import type { Context } from 'koa';
import { may } from '../policy/permissions.ts';
import { type ContractRow, listContracts } from '../registry/contracts.ts';
import {
  CONTACT_ROLES,
  changeOrganization,
  findOrganization,
  type OrganizationDetail,
} from '../registry/organizations.ts';
import type { Fault } from '../registry/refusal.ts';
import { namedSubprocessors, type OrganizationChoice } from '../registry/subprocessors.ts';
import { attempt } from '../staff/attempt.ts';
import { contractState, daysLeft, type LimitFact, limitFacts } from '../staff/contract-words.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { countryName } from '../staff/revision-words.ts';
import { longDate } from '../web/dates.ts';
import type { Translate } from '../web/messages.ts';
import { seeOther } from '../web/see-other.ts';
import type { DeveloperDeps } from './deps.ts';
import { webhookForms } from './webhook-forms.ts';

const PAGE = '/developer/organization';
const OF_A_CONTACT = ['role', 'name', 'email', 'phone'];

export interface Sent {
  readonly faults?: readonly Fault[];
  readonly values?: URLSearchParams;
  /** Why a test notice was not delivered. */
  readonly undelivered?: string;
}

/** The own organization: who it is, whom to reach, where notices go, under which contracts it acts. */
export function organizationPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function show(ctx: Context, sent: Sent = {}): Promise<void> {
    const { faults = [], values = new URLSearchParams(), undelivered = null } = sent;
    const actor = requireActor(ctx);
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const { organizationId } = actor;
    const [organization, contracts] = await Promise.all([
      findOrganization(registry, actor, organizationId),
      listContracts(registry, actor, organizationId),
    ]);
    const named = contracts.flatMap(({ subprocessors }) => subprocessors);
    const processors = await namedSubprocessors(registry, actor, [...new Set(named)]);
    const now = new Date();
    const text = (name: string, extra: object = {}) => ({
      ...{ name, label: t(`developer-organization.${name}`), value: values.get(name) ?? '' },
      ...extra,
    });
    const controlOf = (field: string) => field.replace(/^contacts\.\d+\./, '');
    const labelOf = (field: string) =>
      OF_A_CONTACT.includes(controlOf(field)) ? t(`developer-organization.${controlOf(field)}`) : undefined;
    const view = {
      name: organization.legalName,
      mayChange: may(actor, 'organization.change', { organizationId }),
      facts: factsOf(organization),
      contacts: organization.contacts.map((contact, index) => ({
        ...{ index, ...contact, role: t(`developer-organization.contact.${contact.role}`) },
      })),
      contact: [
        text('role', {
          kind: 'select',
          options: CONTACT_ROLES.map((value) => ({
            ...{ value, label: t(`developer-organization.contact.${value}`) },
          })),
        }),
        text('name', { autocomplete: 'off' }),
        text('email', { kind: 'email', autocomplete: 'off' }),
        text('phone', { kind: 'tel', optional: true, autocomplete: 'off' }),
      ],
      webhookUrl: organization.webhookUrl,
      undelivered,
      webhook: text('url', {
        ...{ kind: 'url', literal: true, hint: t('developer-organization.url.hint') },
        value: values.get('url') ?? organization.webhookUrl ?? '',
      }),
      contracts: contracts.map((contract) => ({
        ...{ reference: contract.reference, apps: contract.apps, ...contractState(contract, now) },
        ...{ from: longDate(contract.startsAt, locale), until: longDate(contract.endsAt, locale) },
        left: t('contract.days-left', { count: daysLeft(contract, now) }),
        limits: [...limitFacts(contract.limits, t), ...documentFacts(contract, processors, t)],
      })),
      faults: formFaults(faults, t, controlOf, labelOf),
    };
    renderStaff(ctx, 'developer-organization', view, { status: faults.length > 0 ? 422 : 200 });

    function factsOf({ id, kind, country, identifier, admittedAt }: OrganizationDetail) {
      const facts: readonly (readonly [string, string])[] = [
        ['kind', t(`developer-organization.kind.${kind}`)],
        ['country', countryName(country, locale)],
        ['identifier', identifier ?? t('developer-organization.nothing')],
        [
          'admitted',
          admittedAt === null ? t('developer-organization.not-admitted') : longDate(admittedAt, locale),
        ],
        ['id', id],
      ];
      return facts.map(([key, value]) => ({ label: t(`developer-organization.${key}`), value }));
    }
  }

  router.get(PAGE, (ctx) => show(ctx));

  router.post(`${PAGE}/contacts`, async (ctx) => {
    const values = formBody(deps.forms, ctx);
    const { actor, contacts } = await ownContacts(ctx);
    const given = (name: string) => values.get(name)?.trim() ?? '';
    const phone = given('phone') === '' ? {} : { phone: given('phone') };
    const contact = { role: given('role'), name: given('name'), email: given('email'), ...phone };
    const change = { contacts: [...contacts, contact] };
    const saved = await attempt(changeOrganization(registry, actor, actor.organizationId, change));
    if ('faults' in saved) return show(ctx, { faults: saved.faults, values });
    seeOther(ctx, `${PAGE}?done=contact-saved`);
  });

  router.post(`${PAGE}/contacts/:index/remove`, async (ctx) => {
    const email = formBody(deps.forms, ctx).get('email');
    const { actor, contacts } = await ownContacts(ctx);
    // Somebody else may have changed the list: the one that was meant, or none.
    const { index } = ctx.params as { index: string };
    const kept = contacts.filter((contact, at) => String(at) !== index || contact.email !== email);
    await changeOrganization(registry, actor, actor.organizationId, { contacts: kept });
    seeOther(ctx, `${PAGE}?done=contact-removed`);
  });

  async function ownContacts(ctx: Context) {
    const actor = requireActor(ctx);
    const { contacts } = await findOrganization(registry, actor, actor.organizationId);
    return { actor, contacts };
  }

  webhookForms(router, deps, { page: PAGE, show });
}

/** What else stands in it. */
function documentFacts(
  { subprocessors, documentHash }: ContractRow,
  known: readonly OrganizationChoice[],
  t: Translate,
): LimitFact[] {
  const names = subprocessors.map((id) => known.find((one) => one.id === id)?.legalName ?? id).join(', ');
  return [
    ...(names === '' ? [] : [{ label: t('contract.subprocessors'), value: names }]),
    ...(documentHash === null ? [] : [{ label: t('contract.document'), value: documentHash }]),
  ];
}
