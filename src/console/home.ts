import type Router from '@koa/router';
import { may } from '../policy/permissions.ts';
import { overviewFor, type WaitingItem, type WaitingKind } from '../registry/overview.ts';
import { listReviews } from '../registry/reviews.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { renderStaff } from '../staff/render.ts';
import type { Card, Section } from './blocks.ts';
import { inventoryUrl } from './inventory-filter.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

const FIRST = 5;

/** Where what waits is seen to. */
const PLACES: Readonly<Record<WaitingKind, string>> = {
  ...{
    findings_high: '/admin/findings',
    findings_medium: '/admin/findings',
    findings_low: '/admin/findings',
  },
  ...{ break_glass: '/admin/break-glass?waiting=yes', quarantined: '/admin/apps?state=quarantined' },
  ...{ attestations: '/admin/campaigns', reviews: '/admin/reviews', contracts: '/admin/contracts' },
  ownerless: inventoryUrl({ kind: 'app', finding: 'owner_missing' }),
  owner_left: inventoryUrl({ kind: 'app', finding: 'owner_left' }),
  keys: inventoryUrl({ kind: 'app', finding: 'credential_ending' }),
  organizations: '/admin/organizations?state=sandbox',
  suspended: '/admin/apps?state=suspended',
};
const URGENT: readonly WaitingKind[] = [
  'findings_high',
  'break_glass',
  'quarantined',
  'ownerless',
  'owner_left',
];
const CALM: readonly WaitingKind[] = ['suspended', 'findings_low'];

/** What needs a person today, as far as whoever looks may see to it. */
export function homePage(router: Router, deps: StaffDeps): void {
  router.get('/admin', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const title = visit.words.t('console.home.title');
    const view = { title, tags: [], notices: [], sections: await sectionsOf(visit) };
    renderStaff(ctx, 'admin-record', view);
  });
}

async function sectionsOf(visit: Visit): Promise<Section[]> {
  const { registry, actor, words } = visit;
  const { t } = words;
  const [items, reviews] = await Promise.all([
    overviewFor(registry, actor),
    listReviews(registry, actor, { limit: FIRST }),
  ]);
  const waiting = items.filter(({ count }) => count > 0);
  return [
    {
      ...{ id: 'today', title: t('overview.today'), wide: true },
      lead: waiting.length === 0 ? t('overview.today.none') : undefined,
      cards: waiting.map((item) => cardOf(visit, item)),
    },
    {
      ...{ id: 'reviews', title: t('console.home.reviews') },
      lead: t(
        may(actor, 'review.read') && actor.roles.includes('reviewer')
          ? 'console.home.reviews.lead'
          : 'console.home.reviews.watch',
      ),
      table: words.table(
        ['app', 'organization', 'submitted'],
        reviews.rows.map((review) => [
          { text: review.appName, href: pathTo('reviews', review.id) },
          { text: review.organizationName },
          { text: words.day(review.submittedAt) },
        ]),
        t('console.list.reviews.none'),
      ),
      actions: [{ href: '/admin/reviews', label: t('console.home.all-reviews') }],
    },
    {
      ...{ id: 'inventory', title: t('console.nav.inventory'), lead: t('console.home.inventory') },
      actions: [{ href: '/admin/inventory', label: t('console.home.inventory.link') }],
    },
  ];
}

function cardOf({ words }: Visit, { kind, count, dueAt }: WaitingItem): Card {
  return {
    ...{
      count: words.number(count),
      text: words.t(`overview.waiting.${kind}`, { count }),
      href: PLACES[kind],
    },
    look: URGENT.includes(kind) ? 'urgent' : CALM.includes(kind) ? 'calm' : 'soon',
    quiet: dueAt === null ? undefined : words.t('overview.due', { day: words.day(dueAt) }),
  };
}
