import type Router from '@koa/router';
import type { Context } from 'koa';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import { may } from '../policy/permissions.ts';
import { invitePerson } from '../registry/people.ts';
import { listPeople, type PersonRow } from '../registry/person-records.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults, withoutIndices } from '../staff/form-faults.ts';
import { requireActor, requireFresh } from '../staff/guard.ts';
import { showOnce } from '../staff/once.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { colleagueForms, pathOfColleague } from './colleague-forms.ts';
import { COLLEAGUES, VENDOR_ROLES } from './colleagues.ts';
import type { DeveloperDeps } from './deps.ts';

const NEW_COLLEAGUE = ['name', 'email', 'roles'];

/** Who works for the own organization, and the invitation of somebody new. */
export function colleaguePages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function show(
    ctx: Context,
    faults: readonly Fault[] = [],
    sent = new URLSearchParams(),
  ): Promise<void> {
    const actor = requireActor(ctx);
    const { organizationId } = actor;
    const t = pages.translate(ctx);
    const [name, after] = [wordIn(ctx, 'name'), wordIn(ctx, 'after')];
    const { rows, next } = await listPeople(registry, actor, { filter: { organizationId, name }, after });
    const text = (field: string, kind: string) => ({
      ...{ name: field, kind, label: t(`developer-colleagues.${field}`), autocomplete: 'off' },
      value: sent.get(field) ?? '',
    });
    const view = {
      search: name ?? '',
      mayInvite: may(actor, 'person.invite', { organizationId, roles: [...VENDOR_ROLES] }),
      people: rows.map((person) => ({
        ...{ name: person.name, email: person.email, href: pathOfColleague(person.id) },
        roles: person.roles.map((role) => t(`developer-colleagues.role.${role}`)),
        passkey: passkeyOf(person),
      })),
      pager: pagerOf(ctx, next),
      fields: {
        ...{ name: text('name', 'text'), email: text('email', 'email') },
        roles: {
          ...{ name: 'roles', label: t('developer-colleagues.roles') },
          hint: t('developer-colleagues.roles.hint'),
          options: VENDOR_ROLES.map((value) => ({
            ...{ value, label: t(`developer-colleagues.role.${value}`) },
            checked: sent.getAll('roles').includes(value),
          })),
        },
      },
      faults: formFaults(faults, t, withoutIndices, (field) =>
        NEW_COLLEAGUE.includes(field) ? t(`developer-colleagues.${field}`) : undefined,
      ),
    };
    renderStaff(ctx, 'developer-colleagues', view, { status: faults.length > 0 ? 422 : 200 });
  }

  router.get(COLLEAGUES, (ctx) => show(ctx));

  router.post(COLLEAGUES, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    requireFresh(ctx, FRESH_MINUTES, COLLEAGUES);
    const actor = requireActor(ctx);
    const name = sent.get('name')?.trim() ?? '';
    const invited = await attempt(
      invitePerson(registry, actor, {
        ...{ organizationId: actor.organizationId, name, email: sent.get('email')?.trim() ?? '' },
        roles: sent.getAll('roles'),
      }),
    );
    if ('faults' in invited) return show(ctx, invited.faults, sent);
    const { personId, code } = invited.result;
    showOnce(deps, ctx, {
      ...{ key: 'invitation', text: `${deps.issuer}/invitation#${code}`, names: { name } },
      next: pathOfColleague(personId),
    });
  });

  colleagueForms(router, deps);
}

const passkeyOf = ({ passkeys }: PersonRow) =>
  passkeys > 0 ? { state: 'has-passkey', look: 'on' } : { state: 'no-passkey', look: 'soon' };
