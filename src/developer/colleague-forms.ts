import type Router from '@koa/router';
import type { Context } from 'koa';
import { worksAt } from '../policy/employment.ts';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import { may, type Role } from '../policy/permissions.ts';
import { changePerson, endPerson, inviteAgain } from '../registry/people.ts';
import { findPerson, listPeople, type PersonDetail } from '../registry/person-records.ts';
import { type Fault, RegistryRefusal } from '../registry/refusal.ts';
import { endRole, grantRole } from '../registry/roles.ts';
import type { SignedInPerson } from '../staff/area.ts';
import { attempt } from '../staff/attempt.ts';
import { textsIn } from '../staff/fields.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor, requireFresh } from '../staff/guard.ts';
import { showOnce } from '../staff/once.ts';
import { renderStaff } from '../staff/render.ts';
import { longDate } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { pathOf } from './app-shell.ts';
import { COLLEAGUES, VENDOR_ROLES } from './colleagues.ts';
import type { DeveloperDeps } from './deps.ts';

interface Colleague {
  readonly actor: SignedInPerson;
  readonly person: PersonDetail;
  /** Who may take over what she answers for. */
  readonly others: readonly { readonly value: string; readonly label: string }[];
}

export const pathOfColleague = (personId: string): string => `${COLLEAGUES}/${encodeURIComponent(personId)}`;

/** One person of the own organization: her roles, a new invitation, the end of her work. */
export function colleagueForms(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function open(ctx: Context): Promise<Colleague> {
    const actor = requireActor(ctx);
    const { id } = ctx.params as { id: string };
    const person = await findPerson(registry, actor, id);
    // Who oversees sees others in the console.
    if (person.organizationId !== actor.organizationId) throw new RegistryRefusal('record_unknown');
    const filter = { organizationId: person.organizationId };
    const { rows } = await listPeople(registry, actor, { filter, limit: 200 });
    const others = rows.filter((row) => row.id !== person.id);
    return { actor, person, others: others.map((row) => ({ value: row.id, label: row.name })) };
  }

  function show(
    ctx: Context,
    { actor, person, others }: Colleague,
    faults: readonly Fault[] = [],
    sent = new URLSearchParams({ name: person.name, email: person.email }),
  ): void {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const { organizationId, id: personId, roles, leftAt } = person;
    const works = worksAt(new Date(), person);
    const mayRole = (action: 'role.grant' | 'role.end', role: Role) =>
      works && may(actor, action, { organizationId, personId, roles: [role] });
    const roleView = (role: Role) => ({ value: role, label: t(`developer-colleagues.role.${role}`) });
    const text = (name: string, extra: object) => ({
      ...{ name, label: t(`developer-colleagues.${name}`), value: sent.get(name) ?? '', autocomplete: 'off' },
      ...extra,
    });
    const view = {
      ...{ name: person.name, email: person.email, path: pathOfColleague(personId), works },
      leftOn: leftAt === null ? null : longDate(leftAt, locale),
      passkeys: person.passkeys,
      mayChange: works && may(actor, 'person.change', { organizationId, roles }),
      roles: roles.map((role) => ({ ...roleView(role), mayEnd: mayRole('role.end', role) })),
      others: VENDOR_ROLES.filter((role) => !roles.includes(role) && mayRole('role.grant', role)).map(
        roleView,
      ),
      apps: person.apps.map(({ id, name, as }) => ({
        ...{ name, href: pathOf(id), as: t(`developer-colleagues.as.${as}`) },
      })),
      fields: {
        name: text('name', {}),
        email: text('email', { kind: 'email' }),
        reason: {
          ...{ name: 'reason', label: t('console.label.reason'), autocomplete: 'off' },
          value: sent.get('reason') ?? '',
        },
        at: text('at', { kind: 'date', optional: true, hint: t('developer-colleagues.at.hint') }),
        confirm: text('confirm', { hint: t('developer-colleagues.confirm.hint', { name: person.name }) }),
      },
      handover: person.apps
        .filter(({ as }) => as === 'owner')
        .map(({ id, name }) => ({
          ...{ name: `owner-${id}`, kind: 'select', optional: true, value: sent.get(`owner-${id}`) ?? '' },
          label: t('developer-colleagues.hand-over', { app: name }),
          options: [{ value: '', label: t('developer-colleagues.hand-over.nobody') }, ...others],
        })),
      faults: formFaults(faults, t, (field) => (field.startsWith('handover') ? 'at' : field)),
    };
    const crumbs = [{ label: t('developer.nav.colleagues'), href: COLLEAGUES }];
    renderStaff(ctx, 'developer-colleague', view, { crumbs, status: faults.length > 0 ? 422 : 200 });
  }

  const back = (ctx: Context, { person }: Colleague, done: string) =>
    seeOther(ctx, `${pathOfColleague(person.id)}?done=${done}`);

  router.get(`${COLLEAGUES}/:id`, async (ctx) => show(ctx, await open(ctx)));

  router.post(`${COLLEAGUES}/:id`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const colleague = await open(ctx);
    const input = { name: sent.get('name') ?? '', email: sent.get('email')?.trim() ?? '' };
    const saved = await attempt(changePerson(registry, colleague.actor, colleague.person.id, input));
    if ('faults' in saved) return show(ctx, colleague, saved.faults, sent);
    back(ctx, colleague, 'person-saved');
  });

  router.post(`${COLLEAGUES}/:id/invite`, async (ctx) => {
    formBody(deps.forms, ctx);
    const { actor, person } = await open(ctx);
    requireFresh(ctx, FRESH_MINUTES, pathOfColleague(person.id));
    const { code } = await inviteAgain(registry, actor, person.id);
    showOnce(deps, ctx, {
      ...{ key: 'invitation', text: `${deps.issuer}/invitation#${code}`, names: { name: person.name } },
      next: pathOfColleague(person.id),
    });
  });

  for (const [step, command, done] of [
    ['grant', grantRole, 'role-given'],
    ['end', endRole, 'role-ended'],
  ] as const) {
    router.post(`${COLLEAGUES}/:id/roles/${step}`, async (ctx) => {
      const input = textsIn(formBody(deps.forms, ctx), ['role', 'reason']);
      const colleague = await open(ctx);
      if (step === 'grant') requireFresh(ctx, FRESH_MINUTES, pathOfColleague(colleague.person.id));
      const changed = await attempt(command(registry, colleague.actor, colleague.person.id, input));
      // Its field is no text of the form: who sent another role had no button for it.
      if ('faults' in changed && changed.faults.some(({ field }) => field !== 'reason'))
        throw new RegistryRefusal('not_allowed');
      if ('faults' in changed) return show(ctx, colleague, changed.faults);
      back(ctx, colleague, done);
    });
  }

  router.post(`${COLLEAGUES}/:id/leave`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const colleague = await open(ctx);
    const { actor, person } = colleague;
    const again = new URLSearchParams({ name: person.name, email: person.email, at: sent.get('at') ?? '' });
    again.set('reason', sent.get('reason') ?? '');
    // Typed by hand, so that nobody's work is ended by a slip.
    if (sent.get('confirm')?.trim() !== person.name) {
      return show(ctx, colleague, [{ field: 'confirm', code: 'not_one_of', value: person.name }], again);
    }
    const at = sent.get('at') ? { at: sent.get('at') } : {};
    const handover = person.apps.flatMap(({ id: appId, as }) => {
      const ownerId = sent.get(`owner-${appId}`);
      return as === 'owner' && ownerId ? [{ appId, ownerId }] : [];
    });
    const ended = await attempt(
      endPerson(registry, actor, person.id, { ...at, handover, ...textsIn(sent, ['reason']) }),
    );
    if ('faults' in ended) return show(ctx, colleague, ended.faults, again);
    // Whoever ended her own work at once is signed out with it.
    back(ctx, colleague, 'person-left');
  });
}
