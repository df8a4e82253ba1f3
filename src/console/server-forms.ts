import type Router from '@koa/router';
import type { Role } from '../policy/permissions.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { addFhirBase } from '../registry/fhir-bases.ts';
import {
  changeResourceServer,
  createResourceServer,
  findResourceServerFor,
  type ResourceServerRow,
  resumeResourceServer,
  suspendResourceServer,
} from '../registry/resource-servers.ts';
import { addServerSecret, endServerSecret } from '../registry/server-secrets.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { answerableFields, answerableIn } from './answerable-fields.ts';
import { above, aboveForm } from './crumbs.ts';
import { type FormPage, formPage } from './form-page.ts';
import { keysControl, keysField, keysIn, keysText } from './party-keys.ts';
import { showSecret } from './secret-page.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];
const BASE = ['url', 'slug', 'environment'] as const;

const ofServer = {
  open: ({ registry, actor, id }: Visit) => findResourceServerFor(registry, actor, id),
  crumbs: ({ name, id }: ResourceServerRow, visit: Visit) => aboveForm('servers', name, id, visit),
  names: ({ name }: ResourceServerRow) => ({ name }),
} as const;
const back = (id: string, done = 'saved') => `${pathTo('servers', id)}?done=${done}`;

const baseFields = ({ words }: Visit) => [
  words.field('url', 'url', { hint: true, literal: true }),
  words.field('text', 'slug', { hint: true, literal: true }),
  words.choice('environment', 'environment', ['production', 'sandbox']),
];

export function serverForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/servers/new', key: 'server-new', roles: OPERATOR, serious: true },
    open: async () => undefined,
    crumbs: (_, visit) => above('servers', visit),
    fields: (_, visit) => [
      visit.words.field('text', 'name', { autocomplete: 'off' }),
      ...answerableFields(visit),
      ...baseFields(visit),
    ],
    controlOf: (field) => field.replace(/^fhirBases\.0\./, ''),
    send: async (values, _, { registry, actor }) => {
      const fhirBases = [textsIn(values, BASE)];
      const given = { ...textsIn(values, ['name']), ...answerableIn(values), fhirBases };
      const { resourceServerId } = await createResourceServer(registry, actor, given);
      return back(resourceServerId, 'created');
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/servers/:id/change', key: 'server-change', roles: OPERATOR, ...ofServer },
    fields: (_, visit) => [
      visit.words.field('text', 'name', { autocomplete: 'off' }),
      ...answerableFields(visit),
    ],
    values: ({ name, organizationId, ownerId }) =>
      new URLSearchParams({ name, organizationId: organizationId ?? '', ownerId: ownerId ?? '' }),
    send: async (values, { id }, { registry, actor }) => {
      const given = { name: '', ...textsIn(values, ['name']), ...answerableIn(values) };
      await changeResourceServer(registry, actor, id, given);
      return back(id);
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/servers/:id/bases', key: 'server-base', roles: OPERATOR, serious: true, ...ofServer },
    fields: (_, visit) => baseFields(visit),
    send: async (values, { id }, { registry, actor }) => {
      await addFhirBase(registry, actor, id, textsIn(values, BASE));
      return back(id);
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/servers/:id/keys', key: 'server-keys', roles: OPERATOR, serious: true, ...ofServer },
    fields: (_, visit) => [keysField(visit, { optional: true })],
    controlOf: keysControl,
    values: ({ jwks }) => new URLSearchParams({ jwks: keysText(jwks) }),
    send: async (values, { id }, { registry, actor }) => {
      await changeResourceServer(registry, actor, id, { jwks: null, ...keysIn(values) });
      return back(id);
    },
  });

  secretForms(router, deps);
  suspensionForms(router, deps, {
    ...{ kind: 'servers', key: 'server', ...ofServer },
    ...{ suspend: suspendResourceServer, resume: resumeResourceServer },
  });
}

function secretForms(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/servers/:id/secrets', key: 'server-secret', roles: OPERATOR, serious: true },
    ...ofServer,
    fields: () => [],
    send: async (_, { id, name }, visit) => {
      const { secret, endsAt } = await addServerSecret(visit.registry, visit.actor, id);
      const names = { name, day: visit.words.day(endsAt) };
      return showSecret('servers', visit, { key: 'server', secret, nextUrl: pathTo('servers', id), names });
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/servers/:id/secrets/:secretId', key: 'secret-end', roles: OPERATOR, look: 'danger' },
    ...ofServer,
    fields: (_, { words, registry }) => [
      words.field('select', 'when', {
        options: [
          {
            value: 'overlap',
            label: words.t('console.when.overlap', { count: registry.settings.overlapDays }),
          },
          { value: 'now', label: words.t('console.when.now') },
        ],
      }),
      words.field('textarea', 'reason', { rows: 3 }),
    ],
    send: async (values, { id }, { registry, actor, ctx }) => {
      const when = values.get('when') === 'now' ? 'now' : registry.settings.overlapDays;
      const reason = values.get('reason') ?? '';
      await endServerSecret(registry, actor, id, String(ctx.params.secretId), { when, reason });
      return back(id, 'ended');
    },
  });
}

type Stop = (deps: RegistryDeps, actor: Visit['actor'], id: string, input: unknown) => Promise<void>;

interface Stoppable<Subject> extends Pick<FormPage<Subject>, 'open' | 'crumbs' | 'names'> {
  readonly kind: 'servers' | 'ehrs';
  readonly key: 'server' | 'ehr';
  readonly suspend: Stop;
  readonly resume: Stop;
}

/** With a reason; true at the next request. */
export function suspensionForms<Subject extends { readonly id: string; readonly name: string }>(
  router: Router,
  deps: StaffDeps,
  { kind, key, suspend, resume, ...shared }: Stoppable<Subject>,
): void {
  const form = (below: 'suspend' | 'resume', command: Stop, done: string, more: object) =>
    formPage<Subject>(router, deps, {
      ...{ path: `/admin/${kind}/:id/${below}`, key: `${key}-${below}` },
      ...{ roles: ['operator', 'security_officer'], serious: true, ...shared, ...more },
      fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
      send: async (values, { id }, { registry, actor }) => {
        await command(registry, actor, id, textsIn(values, ['reason']));
        return `${pathTo(kind, id)}?done=${done}`;
      },
    });
  form('suspend', suspend, 'suspended', { look: 'danger', confirm: ({ name }: Subject) => name });
  form('resume', resume, 'resumed', {});
}
