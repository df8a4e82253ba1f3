import type Router from '@koa/router';
import { listEndingContracts } from '../registry/overview.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { listPage } from './list-page.ts';
import { pathTo } from './visit.ts';

/** Contracts that end soon, of all organizations: where to renew before apps lose their standing. */
export function endingContracts(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: '/admin/contracts', key: 'contracts' },
    columns: ['contract', 'organization', 'ends', 'apps'],
    filters: () => [],
    actions: () => [],
    read: ({ registry, actor }, after) => listEndingContracts(registry, actor, { after }),
    cells: ({ id, reference, organizationId, organizationName, endsAt, apps }, { words }) => [
      { text: reference, href: pathTo('contracts', id, 'terms') },
      { text: organizationName, href: pathTo('organizations', organizationId) },
      { text: words.day(endsAt) },
      { text: words.number(apps) },
    ],
  });
}
