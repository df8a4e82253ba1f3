import type Router from '@koa/router';
import { may, type Role } from '../policy/permissions.ts';
import {
  changeEhr,
  createEhr,
  type EhrRow,
  findEhrFor,
  listEhrs,
  resumeEhr,
  suspendEhr,
} from '../registry/ehrs.ts';
import { listFhirBases } from '../registry/resource-servers.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { renderStaff } from '../staff/render.ts';
import { answerableFields, answerableIn } from './answerable-fields.ts';
import { present, type Section } from './blocks.ts';
import { above, aboveForm } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { keysControl, keysField, keysIn, keysTable, keysText } from './party-keys.ts';
import { suspensionForms } from './server-forms.ts';
import { suspensionTag } from './servers.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];

const ofEhr = {
  open: ({ registry, actor, id }: Visit) => findEhrFor(registry, actor, id),
  crumbs: ({ name, id }: EhrRow, visit: Visit) => aboveForm('ehrs', name, id, visit),
  names: ({ name }: EhrRow) => ({ name }),
} as const;

export function ehrPages(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/ehrs/new', key: 'ehr-new', roles: OPERATOR, serious: true },
    open: async ({ registry }) =>
      (await Promise.all(['production', 'sandbox'].map((one) => listFhirBases(registry, one)))).flat(),
    crumbs: (_, visit) => above('ehrs', visit),
    fields: (bases, visit) => [
      visit.words.field('text', 'name', { autocomplete: 'off' }),
      visit.words.field('select', 'fhirBaseUrl', {
        options: bases.map(({ url, serverName }) => ({ value: url, label: `${serverName}: ${url}` })),
      }),
      keysField(visit),
      ...answerableFields(visit),
    ],
    controlOf: keysControl,
    send: async (values, _, { registry, actor }) => {
      const given = {
        ...textsIn(values, ['name', 'fhirBaseUrl']),
        ...keysIn(values),
        ...answerableIn(values),
      };
      const { ehrId } = await createEhr(registry, actor, given);
      return `${pathTo('ehrs', ehrId)}?done=created`;
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/ehrs/:id/change', key: 'ehr-change', roles: OPERATOR, serious: true, ...ofEhr },
    fields: (_, visit) => [
      visit.words.field('text', 'name', { autocomplete: 'off' }),
      keysField(visit),
      ...answerableFields(visit),
    ],
    controlOf: keysControl,
    values: ({ name, jwks, organizationId, ownerId }) =>
      new URLSearchParams({
        ...{ name, jwks: keysText(jwks) },
        ...{ organizationId: organizationId ?? '', ownerId: ownerId ?? '' },
      }),
    send: async (values, { id }, { registry, actor }) => {
      const given = { name: '', ...textsIn(values, ['name']), ...keysIn(values), ...answerableIn(values) };
      await changeEhr(registry, actor, id, given);
      return `${pathTo('ehrs', id)}?done=saved`;
    },
  });

  suspensionForms(router, deps, {
    ...{ kind: 'ehrs', key: 'ehr', ...ofEhr },
    ...{ suspend: suspendEhr, resume: resumeEhr },
  });

  listPage(router, deps, {
    ...{
      path: '/admin/ehrs',
      key: 'ehrs',
      columns: ['name', 'fhir-server', 'organization', 'owner', 'state'],
    },
    filters: () => [],
    actions: ({ actor, words: { t } }) =>
      may(actor, 'ehr.manage')
        ? [{ href: '/admin/ehrs/new', label: t('console.form.ehr-new.title'), look: 'primary' }]
        : [],
    read: ({ registry, actor }, after) => listEhrs(registry, actor, { after }),
    cells: (ehr, { words }) => [
      { text: ehr.name, href: pathTo('ehrs', ehr.id) },
      { text: ehr.fhirBaseUrl, literal: true },
      { text: ehr.organizationName ?? words.t('console.nothing') },
      words.person(ehr.ownerName, ehr.ownerId),
      suspensionTag(ehr, words),
    ],
  });

  router.get('/admin/ehrs/:id', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const ehr = await findEhrFor(visit.registry, visit.actor, visit.id);
    const view = { title: ehr.name, tags: [suspensionTag(ehr, visit.words)], notices: [] };
    renderStaff(
      ctx,
      'admin-record',
      { ...view, sections: sectionsOf(visit, ehr) },
      {
        crumbs: above('ehrs', visit),
      },
    );
  });
}

function sectionsOf({ words, actor }: Visit, ehr: EhrRow): Section[] {
  const { t } = words;
  const about = { organizationId: ehr.organizationId };
  const stops = may(actor, 'ehr.suspend', about);
  const link = (below: string, look?: 'danger') => ({
    ...{ href: pathTo('ehrs', ehr.id, below), label: t(`console.form.ehr-${below}.button`), look },
  });
  const facts = [
    words.fact('fhir-server', { text: ehr.fhirBaseUrl, literal: true }),
    words.fact(
      'organization',
      ehr.organizationId === null
        ? { text: t('console.nothing') }
        : { text: ehr.organizationName ?? '', href: pathTo('organizations', ehr.organizationId) },
    ),
    words.fact('owner', words.person(ehr.ownerName, ehr.ownerId)),
    words.fact('created', { text: words.day(ehr.createdAt) }),
    words.fact('client-id', { text: ehr.id, literal: true }),
  ];
  const actions = present([
    may(actor, 'ehr.manage', about) && link('change'),
    ehr.suspendedAt === null && stops && link('suspend', 'danger'),
    ehr.suspendedAt !== null && stops && link('resume'),
  ]);
  return [
    { id: 'facts', title: t('console.section.facts'), facts, actions },
    { id: 'keys', title: t('console.section.keys'), table: keysTable(ehr.jwks, words) },
  ];
}
