import type Router from '@koa/router';
import { may } from '../policy/permissions.ts';
import { listApps } from '../registry/app-records.ts';
import { listOrganizations, type OrganizationRow } from '../registry/organizations.ts';
import { listReviews } from '../registry/reviews.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { renderStaff } from '../staff/render.ts';
import { present, type Section } from './blocks.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

const FIRST = 5;

/** Who only processes data for others has no apps to bring into production. */
const mayWait = ({ kind }: OrganizationRow) => kind !== 'subprocessor';

/** What waits, by role. */
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
  const [reviews, waiting, suspended] = await Promise.all([
    listReviews(registry, actor, { limit: FIRST }),
    may(actor, 'organization.admit')
      ? listOrganizations(registry, actor, { filter: { state: 'sandbox' } })
      : undefined,
    listApps(registry, actor, { limit: FIRST, filter: { state: 'suspended' } }),
  ]);
  const more = (path: string, label: string) => [{ href: path, label: t(label) }];
  return present<Section>([
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
      actions: more('/admin/reviews', 'console.home.all-reviews'),
    },
    waiting !== undefined && {
      ...{ id: 'organizations', title: t('console.home.organizations') },
      table: words.table(
        ['legal-name', 'country'],
        waiting.rows
          .filter(mayWait)
          .slice(0, FIRST)
          .map((organization) => [
            { text: organization.legalName, href: pathTo('organizations', organization.id) },
            { text: words.country(organization.country) },
          ]),
        t('console.home.organizations.none'),
      ),
      actions: more('/admin/organizations?state=sandbox', 'console.all-of-them'),
    },
    {
      ...{ id: 'suspended', title: t('console.home.suspended') },
      table: words.table(
        ['app', 'organization'],
        suspended.rows.map((app) => [
          { text: app.name, href: pathTo('apps', app.id) },
          { text: app.organizationName },
        ]),
        t('console.home.suspended.none'),
      ),
      actions: more('/admin/apps?state=suspended', 'console.all-of-them'),
    },
    {
      ...{ id: 'inventory', title: t('console.nav.inventory'), lead: t('console.home.inventory') },
      actions: more('/admin/inventory', 'console.home.inventory.link'),
    },
  ]);
}
