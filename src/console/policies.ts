import type Router from '@koa/router';
import type { GovernancePolicy } from '../policy/governance.ts';
import type { Role } from '../policy/permissions.ts';
import { findPolicy, listPolicies, type ShownPolicy, setPolicy } from '../registry/governance-policies.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn } from '../staff/fields.ts';
import type { Cells } from './blocks.ts';
import { above } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { listPage } from './list-page.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];
const LIST = '/admin/policies';

/** What follows by itself when a rule finds something: nothing, unless an operator said so here. */
export function policyPages(router: Router, deps: StaffDeps): void {
  listPage<ShownPolicy>(router, deps, {
    ...{ path: LIST, key: 'policies', columns: ['rule', 'action', 'after-days', 'threshold', 'set'] },
    ...{ filters: () => [], actions: () => [] },
    read: async ({ registry, actor }) => ({ rows: [...(await listPolicies(registry, actor))], next: null }),
    cells,
  });

  formPage(router, deps, {
    ...{ path: `${LIST}/:id`, key: 'policy-set', roles: OPERATOR, serious: true },
    open: ({ registry, actor, id }) => findPolicy(registry, actor, id),
    crumbs: (_, visit) => above('policies', visit),
    names: ({ policy }, { words }) => ({ rule: words.t(`console.finding.kind.${policy.rule}`) }),
    fields: ({ policy, actions }, { words }) => [
      words.choice('action', 'policy-action', actions),
      ...(policy.afterDays === null ? [] : [words.field('number', 'afterDays', { hint: true })]),
      ...(policy.threshold === null ? [] : [words.field('number', 'threshold', { hint: true })]),
      words.field('textarea', 'reason', { hint: true, rows: 3 }),
    ],
    values: ({ policy: { action, afterDays, threshold } }) =>
      new URLSearchParams({
        ...{ action, afterDays: String(afterDays ?? ''), threshold: String(threshold ?? '') },
      }),
    send: async (values, { policy }, { registry, actor }) => {
      const figure = (name: string) => {
        const text = textIn(values, name);
        return text === undefined || text === '' ? {} : { [name]: Number(text) };
      };
      const input = { action: textIn(values, 'action') ?? '', reason: textIn(values, 'reason') ?? '' };
      await setPolicy(registry, actor, policy.rule, {
        ...input,
        ...figure('afterDays'),
        ...figure('threshold'),
      });
      return `${LIST}?done=saved`;
    },
  });
}

const figure = (value: number | null): Cells => (value === null ? [] : { text: String(value) });

function cells(policy: GovernancePolicy, { words }: Visit): Cells[] {
  const { rule, action, afterDays, threshold, setAt, setBy } = policy;
  return [
    { text: words.t(`console.finding.kind.${rule}`), href: pathTo('policies', rule), quiet: rule },
    { text: words.t(`console.policy-action.${action}`), look: action === 'alert' ? 'plain' : 'soon' },
    figure(afterDays),
    figure(threshold),
    setAt === null
      ? { text: words.t('console.policy.default') }
      : { text: words.instant(setAt), quiet: setBy ?? undefined },
  ];
}
