import type Router from '@koa/router';
import { may } from '../policy/permissions.ts';
import {
  findResourceServerFor,
  listResourceServers,
  type ResourceServerRow,
} from '../registry/resource-servers.ts';
import { listServerSecrets, type ServerSecretView } from '../registry/server-secrets.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { renderStaff } from '../staff/render.ts';
import { type Cell, present, type Section } from './blocks.ts';
import { above } from './crumbs.ts';
import { listPage } from './list-page.ts';
import { keysTable } from './party-keys.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';
import type { Words } from './words.ts';

interface States {
  readonly suspendedAt: Date | null;
  readonly offboardedAt?: Date | null;
}

/** What was offboarded was suspended with it. */
export function suspensionTag({ suspendedAt, offboardedAt = null }: States, { t }: Words): Cell {
  if (offboardedAt !== null) return { text: t('console.state.offboarded'), look: 'off' };
  return suspendedAt === null
    ? { text: t('console.state.active'), look: 'on' }
    : { text: t('console.state.suspended'), look: 'off' };
}

const baseCells = ({ fhirBases }: ResourceServerRow, { t }: Words): Cell[] =>
  fhirBases.map(({ url, environment }) => ({
    ...{ text: url, literal: true, quiet: t(`console.environment.${environment}`) },
  }));

export function serverPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: '/admin/servers', key: 'servers' },
    columns: ['name', 'fhir-servers', 'organization', 'owner', 'state'],
    filters: () => [],
    actions: ({ actor, words: { t } }) =>
      may(actor, 'server.manage')
        ? [{ href: '/admin/servers/new', label: t('console.form.server-new.title'), look: 'primary' }]
        : [],
    read: ({ registry, actor }, after) => listResourceServers(registry, actor, { after }),
    cells: (server, { words }) => [
      { text: server.name, href: pathTo('servers', server.id) },
      baseCells(server, words),
      server.organizationId === null
        ? { text: words.t('console.nothing') }
        : { text: server.organizationName ?? '', href: pathTo('organizations', server.organizationId) },
      words.person(server.ownerName, server.ownerId),
      suspensionTag(server, words),
    ],
  });

  router.get('/admin/servers/:id', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const server = await findResourceServerFor(visit.registry, visit.actor, visit.id);
    const secrets = await listServerSecrets(visit.registry, visit.actor, visit.id);
    const view = {
      ...{ title: server.name, tags: [suspensionTag(server, visit.words)], notices: [] },
      sections: sectionsOf(visit, server, secrets),
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('servers', visit) });
  });
}

function sectionsOf(
  visit: Visit,
  server: ResourceServerRow,
  secrets: readonly ServerSecretView[],
): Section[] {
  const { words, actor } = visit;
  const { t } = words;
  const about = { organizationId: server.organizationId };
  const manages = may(actor, 'server.manage', about);
  const stops = may(actor, 'server.suspend', about);
  const link = (key: string, below: string, look?: 'danger') => ({
    ...{ href: pathTo('servers', server.id, below), label: t(`console.form.server-${key}.button`), look },
  });
  const section = (id: string, rest: Omit<Section, 'id' | 'title'>): Section => ({
    ...{ id, title: t(`console.section.${id}`), ...rest },
  });
  const now = new Date();
  const isSuspended = server.suspendedAt !== null;
  return [
    section('facts', {
      facts: [
        words.fact(
          'organization',
          server.organizationId === null
            ? { text: t('console.nothing') }
            : { text: server.organizationName ?? '', href: pathTo('organizations', server.organizationId) },
        ),
        words.fact('owner', words.person(server.ownerName, server.ownerId)),
        words.fact('created', { text: words.day(server.createdAt) }),
        ...(server.offboardedAt === null
          ? []
          : [words.fact('offboarded', { text: words.instant(server.offboardedAt) })]),
        words.fact('client-id', { text: server.id, literal: true }),
      ],
      actions: present([
        manages && link('change', 'change'),
        !isSuspended && stops && link('suspend', 'suspend', 'danger'),
        isSuspended && stops && server.offboardedAt === null && link('resume', 'resume'),
        server.offboardedAt === null &&
          may(actor, 'server.offboard') &&
          link('offboard', 'offboard', 'danger'),
      ]),
    }),
    section('fhir-bases', {
      table: words.table(
        ['address', 'environment', 'slug'],
        server.fhirBases.map(({ url, environment, slug }) => [
          { text: url, literal: true },
          { text: t(`console.environment.${environment}`) },
          { text: slug, literal: true },
        ]),
      ),
      actions: present([manages && link('base', 'bases')]),
    }),
    section('public-keys', {
      ...{ lead: t('console.public-keys.lead'), table: keysTable(server.jwks, words) },
      actions: present([manages && link('keys', 'keys')]),
    }),
    section('secrets', {
      lead: t('console.secrets.lead'),
      table: words.table(
        ['secret', 'created', 'until', 'end'],
        secrets.map(({ id, createdAt, endsAt, revokedAt }) => [
          { text: id.slice(0, 8), literal: true },
          { text: words.day(createdAt) },
          { text: words.day(revokedAt ?? endsAt) },
          revokedAt !== null || endsAt <= now
            ? { text: t('console.ended'), look: 'off' }
            : may(actor, 'server.secrets', about)
              ? {
                  text: t('console.form.secret-end.button'),
                  href: pathTo('servers', server.id, 'secrets', id),
                }
              : [],
        ]),
      ),
      ...{ actions: present([may(actor, 'server.secrets', about) && link('secret', 'secrets')]), wide: true },
    }),
  ];
}
