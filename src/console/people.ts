import type Router from '@koa/router';
import { worksAt } from '../policy/employment.ts';
import { may, type Role, roles } from '../policy/permissions.ts';
import { findPerson, listPeople, type PersonDetail } from '../registry/person-records.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { choiceIn, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { type Cell, present, type Section } from './blocks.ts';
import { above } from './crumbs.ts';
import { cutOffLink } from './cut-offs.ts';
import { listPage } from './list-page.ts';
import { roleCells } from './person-cells.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';
import type { Words } from './words.ts';

function passkeyCell(
  person: { readonly passkeys: number; readonly leftAt: Date | null },
  { t }: Words,
): Cell {
  if (!worksAt(new Date(), person)) return { text: t('console.state.left'), look: 'off' };
  return person.passkeys > 0
    ? { text: t('console.state.has-passkey'), look: 'on' }
    : { text: t('console.state.no-passkey'), look: 'soon' };
}

export function peoplePages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: '/admin/people', key: 'people' },
    columns: ['name', 'organization', 'roles', 'state'],
    filters: ({ words }) => [
      words.field('search', 'name'),
      words.choice('role', 'role', roles, true),
      words.choice('left', 'left', ['yes'], true),
    ],
    actions: ({ actor, words: { t } }) =>
      may(actor, 'patient.recover')
        ? [{ href: '/admin/recovery', label: t('console.form.patient-recovery.title') }]
        : [],
    read: ({ registry, actor, ctx }, after) => {
      const role = choiceIn(ctx, 'role', roles);
      const organizationId = wordIn(ctx, 'organization');
      const left = choiceIn(ctx, 'left', ['yes']) !== undefined;
      return listPeople(registry, actor, {
        after,
        filter: { name: wordIn(ctx, 'name'), role, organizationId, left },
      });
    },
    cells: (person, { words }) => [
      { text: person.name, href: pathTo('people', person.id), quiet: person.email },
      { text: person.organizationName, href: pathTo('organizations', person.organizationId) },
      roleCells(person.roles, words),
      passkeyCell(person, words),
    ],
  });

  router.get('/admin/people/:id', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const person = await findPerson(visit.registry, visit.actor, visit.id);
    const view = {
      title: person.name,
      tags: [passkeyCell(person, visit.words), ...roleCells(person.roles, visit.words)],
      notices: [],
      sections: sectionsOf(visit, person),
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('people', visit) });
  });
}

function sectionsOf(visit: Visit, person: PersonDetail): Section[] {
  const { words, actor } = visit;
  const { t } = words;
  const about = { organizationId: person.organizationId, roles: person.roles };
  const works = worksAt(new Date(), person);
  const mayChange = works && may(actor, 'person.change', about);
  const mayGive = (role: Role) =>
    works && may(actor, 'role.grant', { ...about, personId: person.id, roles: [role] });
  const link = (key: string, below: string, look?: 'danger') => ({
    ...{ href: pathTo('people', person.id, below), label: t(`console.form.${key}.button`), look },
  });
  const section = (id: string, rest: Omit<Section, 'id' | 'title'>): Section => ({
    ...{ id, title: t(`console.section.${id}`), ...rest },
  });
  return [
    section('facts', {
      facts: [
        words.fact('organization', {
          ...{ text: person.organizationName, href: pathTo('organizations', person.organizationId) },
        }),
        words.fact('email', { text: person.email }),
        words.fact('since', { text: words.day(person.createdAt) }),
        words.fact('passkeys', { text: String(person.passkeys) }),
        words.fact('left', { text: person.leftAt === null ? t('console.works') : words.day(person.leftAt) }),
        words.fact('id', { text: person.id, literal: true }),
      ],
      actions: present([
        mayChange && link('person-change', 'change'),
        mayChange && link('person-invite-again', 'invite'),
        person.apps.some(({ as }) => as === 'owner') && cutOffLink(visit, 'owner', person.id),
        mayChange && link('person-leave', 'leave', 'danger'),
      ]),
    }),
    section('roles', {
      table: words.table(
        ['role', 'from', 'until', 'end'],
        person.roleHistory.map(({ role, grantedAt, endedAt }) => [
          { text: t(`console.role.${role}`) },
          { text: words.day(grantedAt) },
          { text: endedAt === null ? t('console.holds') : words.day(endedAt) },
          endedAt === null &&
          works &&
          may(actor, 'role.end', { ...about, personId: person.id, roles: [role] })
            ? {
                text: t('console.form.role-end.button'),
                href: pathTo('people', person.id, 'roles', role, 'end'),
              }
            : [],
        ]),
      ),
      actions: present([mayGive('developer') && link('role-grant', 'roles')]),
    }),
    section('answers-for', {
      table: words.table(
        ['app', 'as'],
        person.apps.map(({ id, name, as }) => [
          { text: name, href: pathTo('apps', id) },
          { text: t(`console.as.${as}`) },
        ]),
      ),
    }),
  ];
}
