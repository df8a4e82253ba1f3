import type Router from '@koa/router';
import { type Role, roles } from '../policy/permissions.ts';
import { changePerson, endPerson, inviteAgain, invitePerson } from '../registry/people.ts';
import { findPerson, type PersonDetail } from '../registry/person-records.ts';
import { endRole, grantRole } from '../registry/roles.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { aboveForm } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { ofOrganization } from './organization-forms.ts';
import { ownerOptions } from './organization-services.ts';
import { showSecret } from './secret-page.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];

const ofPerson = {
  open: ({ registry, actor, id }: Visit) => findPerson(registry, actor, id),
  crumbs: ({ name, id }: PersonDetail, visit: Visit) => aboveForm('people', name, id, visit),
  names: ({ name }: PersonDetail) => ({ name }),
} as const;

const ownedBy = ({ apps }: PersonDetail) => apps.filter((app) => app.as === 'owner');
const back = (id: string, done = 'saved') => `${pathTo('people', id)}?done=${done}`;

export function peopleForms(router: Router, deps: StaffDeps): void {
  const invitation = (code: string) => `${deps.issuer}/invitation#${code}`;

  formPage(router, deps, {
    ...{ path: '/admin/organizations/:id/people/new', key: 'person-invite', roles: OPERATOR, serious: true },
    ...ofOrganization,
    fields: (_, { words }) => [
      words.field('text', 'name', { autocomplete: 'off' }),
      words.field('email', 'email', { autocomplete: 'off' }),
      words.field('boxes', 'roles', { options: words.options('role', roles) }),
    ],
    send: async (values, { id }, visit) => {
      const given = { ...textsIn(values, ['name', 'email']), roles: values.getAll('roles') };
      const command = { organizationId: id, ...given };
      const { personId, code } = await invitePerson(visit.registry, visit.actor, command);
      const names = { name: values.get('name') ?? '' };
      return showSecret('people', visit, {
        ...{ key: 'invitation', secret: invitation(code), nextUrl: pathTo('people', personId), names },
      });
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/people/:id/invite', key: 'person-invite-again', roles: OPERATOR, serious: true },
    ...ofPerson,
    fields: () => [],
    send: async (_, { id, name }, visit) => {
      const { code } = await inviteAgain(visit.registry, visit.actor, id);
      return showSecret('people', visit, {
        ...{ key: 'invitation', secret: invitation(code), nextUrl: pathTo('people', id), names: { name } },
      });
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/people/:id/change', key: 'person-change', roles: OPERATOR, ...ofPerson },
    fields: (_, { words }) => [
      words.field('text', 'name', { autocomplete: 'off' }),
      words.field('email', 'email', { autocomplete: 'off' }),
    ],
    values: ({ name, email }) => new URLSearchParams({ name, email }),
    send: async (values, { id }, { registry, actor }) => {
      const given = { name: '', email: '', ...textsIn(values, ['name', 'email']) };
      await changePerson(registry, actor, id, given);
      return back(id);
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/people/:id/leave', key: 'person-leave', roles: OPERATOR, look: 'danger' },
    crumbs: ({ person }, visit) => ofPerson.crumbs(person, visit),
    names: ({ person }) => ofPerson.names(person),
    open: async (visit) => {
      const person = await ofPerson.open(visit);
      const colleagues = await ownerOptions(visit, person.organizationId);
      return { person, colleagues: colleagues.filter(({ value }) => value !== person.id) };
    },
    confirm: ({ person }) => person.name,
    fields: ({ person, colleagues }, { words }) => [
      words.field('date', 'at', { hint: true, optional: true }),
      words.field('text', 'reason'),
      ...ownedBy(person).map((app) => ({
        ...words.field('select', 'ownerId', { optional: true }),
        name: `owner-${app.id}`,
        label: words.t('console.hand-over', { app: app.name }),
        options: [{ value: '', label: words.t('console.hand-over.nobody') }, ...colleagues],
      })),
    ],
    controlOf: (field) => (field.startsWith('handover') ? 'at' : field),
    send: async (values, { person }, { registry, actor }) => {
      const handover = ownedBy(person).flatMap(({ id: appId }) => {
        const ownerId = textIn(values, `owner-${appId}`);
        return ownerId === undefined ? [] : [{ appId, ownerId }];
      });
      await endPerson(registry, actor, person.id, { ...textsIn(values, ['at', 'reason']), handover });
      return back(person.id);
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/people/:id/roles', key: 'role-grant', roles: OPERATOR, serious: true, ...ofPerson },
    fields: (person, { words }) => [
      words.choice(
        'role',
        'role',
        roles.filter((role) => !person.roles.includes(role)),
      ),
      words.field('textarea', 'reason', { rows: 3 }),
    ],
    send: async (values, { id }, { registry, actor }) => {
      await grantRole(registry, actor, id, textsIn(values, ['role', 'reason']));
      return back(id);
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/people/:id/roles/:role/end', key: 'role-end', roles: OPERATOR, look: 'danger' },
    ...ofPerson,
    names: ({ name }, { ctx, words: { t } }) => ({
      name,
      role: roles.some((role) => role === ctx.params.role) ? t(`console.role.${ctx.params.role}`) : '',
    }),
    fields: (_, { words }) => [words.field('textarea', 'reason', { rows: 3 })],
    send: async (values, { id }, { registry, actor, ctx }) => {
      await endRole(registry, actor, id, { role: ctx.params.role, ...textsIn(values, ['reason']) });
      return back(id, 'ended');
    },
  });
}
