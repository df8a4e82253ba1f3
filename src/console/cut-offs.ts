import type Router from '@koa/router';
import type { Role } from '../policy/permissions.ts';
import {
  CUT_OFF_KINDS,
  type CutOffRow,
  cutOffAccess,
  type ForeseenCutOff,
  foreseeCutOff,
  listCutOffs,
  mayCutOff,
} from '../registry/cut-offs.ts';
import { type Fault, RegistryRefusal } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textsIn } from '../staff/fields.ts';
import { choiceIn, wordIn } from '../staff/query.ts';
import { COUNTED } from '../store/cut-off-lists.ts';
import type { Action, Cell } from './blocks.ts';
import { above } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { pathTo, type Visit } from './visit.ts';
import type { Words } from './words.ts';

const STOPPERS: readonly Role[] = ['operator', 'security_officer'];
const LIST = '/admin/cut-offs';
const REACHES = ['everything', 'tokens'] as const;

/** From the page of a record to the form about it. No address ever names a patient. */
export const cutOffLink = (
  { actor, words: { t } }: Visit,
  kind: 'client' | 'organization' | 'owner',
  id: string,
): Action | false =>
  mayCutOff(actor) && {
    href: `${LIST}/new?${new URLSearchParams({ kind, subject: id })}`,
    ...{ label: t('console.form.cut-off.button'), look: 'danger' as const },
  };

interface Asked {
  readonly given: Readonly<Record<string, string>>;
  /** What it would end; until it was asked for, and where nothing is meant, nobody knows. */
  readonly foreseen?: ForeseenCutOff;
  readonly faults?: readonly Fault[];
}

/** What was cut off, and the form that does it: handed in, it says what would end, and has it typed. */
export function cutOffPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: LIST, key: 'cut-offs' },
    columns: ['cut-off-subject', 'kind', 'reach', 'cause', 'when'],
    filters: () => [],
    actions: ({ words: { t } }) => [
      { href: `${LIST}/new`, label: t('console.form.cut-off.button'), look: 'danger' },
    ],
    read: ({ registry, actor }, after) => listCutOffs(registry, actor, { after }),
    cells: (row, { words }) => [
      subjectCell(row),
      { text: words.t(`console.cut-off-kind.${row.kind}`) },
      { text: words.t(`console.reach.${row.endsGrants ? 'everything' : 'tokens'}`) },
      { text: words.t(`console.event.${row.cause}`) },
      { text: words.instant(row.at) },
    ],
  });

  formPage<Asked>(router, deps, {
    ...{ path: `${LIST}/new`, key: 'cut-off', roles: STOPPERS, serious: true, look: 'danger' },
    open: async ({ ctx, registry, actor }, values) => {
      if (values.size === 0) {
        const [kind, subjectId] = [choiceIn(ctx, 'kind', CUT_OFF_KINDS), wordIn(ctx, 'subject')];
        return { given: { ...(kind && { kind }), ...(subjectId && { subjectId }) } };
      }
      const given = textsIn(values, ['kind', 'subjectId']);
      const sent = await attempt(foreseeCutOff(registry, actor, given));
      return 'faults' in sent ? { given, faults: sent.faults } : { given, foreseen: sent.result };
    },
    crumbs: (_, visit) => above('cut-offs', visit),
    notice: ({ foreseen }, { words }) => foreseen && reachOf(foreseen, words),
    fields: (_, { words }) => [
      words.choice('kind', 'cut-off-kind', CUT_OFF_KINDS),
      words.field('text', 'subjectId', { hint: true, literal: true, autocomplete: 'off' }),
      words.choice('reach', 'reach', REACHES),
      words.field('textarea', 'reason', { hint: true, rows: 3 }),
    ],
    values: ({ given }) => new URLSearchParams(given),
    confirm: ({ foreseen }) => foreseen?.name,
    send: async (values, { faults, given }, { registry, actor }) => {
      if (faults !== undefined) throw new RegistryRefusal('input_invalid', faults);
      // A consent is given to an app, whatever it proved itself with.
      const endsGrants = given.kind !== 'key' && values.get('reach') === 'everything';
      await cutOffAccess(registry, actor, { ...given, ...textsIn(values, ['reason']), endsGrants });
      return `${LIST}?done=cut-off`;
    },
  });
}

const PAGES = { client: 'apps', key: 'apps', organization: 'organizations', owner: 'people' } as const;

function subjectCell({ kind, name, appId, organizationId, subjectId }: CutOffRow): Cell {
  // Neither a patient nor a purpose has a page, nor a name but what it is called by.
  if (kind === 'patient' || kind === 'purpose') return { text: name, literal: true };
  const id = { client: appId, key: appId, organization: organizationId, owner: subjectId }[kind];
  return { text: name, literal: kind === 'key', href: id === null ? undefined : pathTo(PAGES[kind], id) };
}

function reachOf({ name, apps, consents, tokens }: ForeseenCutOff, { t }: Words): string {
  const told = (count: number) => (count < COUNTED ? String(count) : t('console.cut-off.more', { count }));
  const counts = { apps: told(apps), consents: told(consents), tokens: told(tokens) };
  return t('console.cut-off.reach', { name, ...counts });
}
