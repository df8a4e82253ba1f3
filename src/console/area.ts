// The console: pages on which the operator's people review apps and keep the records of organizations, people and servers.
// Every change is a command of the registry; no rule of its stands here again. This file: what the shell shows of it.
import type { Section, StaffArea } from '../staff/area.ts';

const TODAY = ['', '/reviews', '/findings', '/break-glass', '/campaigns', '/contracts'].map(
  (at) => `/admin${at}`,
);
const ACCESS = ['/apps', '/inventory', '/organizations', '/people', '/servers', '/ehrs'].map(
  (at) => `/admin${at}`,
);

function groupOf(href: string): string {
  if (TODAY.includes(href)) return 'console.nav.group.today';
  return ACCESS.includes(href) ? 'console.nav.group.access' : 'console.nav.group.rules';
}

export const consoleArea: StaffArea = {
  via: 'console',
  roles: ['operator', 'reviewer', 'security_officer'],
  sections: (
    [
      { label: 'console.nav.home', href: '/admin' },
      { label: 'console.nav.reviews', href: '/admin/reviews' },
      { label: 'console.nav.contracts', href: '/admin/contracts' },
      { label: 'console.nav.apps', href: '/admin/apps' },
      { label: 'console.nav.organizations', href: '/admin/organizations' },
      { label: 'console.nav.people', href: '/admin/people' },
      { label: 'console.nav.servers', href: '/admin/servers' },
      { label: 'console.nav.ehrs', href: '/admin/ehrs' },
      { label: 'console.nav.inventory', href: '/admin/inventory' },
      { label: 'console.nav.campaigns', href: '/admin/campaigns' },
      { label: 'console.nav.findings', href: '/admin/findings', roles: ['operator', 'security_officer'] },
      { label: 'console.nav.policies', href: '/admin/policies', roles: ['operator', 'security_officer'] },
      {
        label: 'console.nav.break-glass',
        href: '/admin/break-glass',
        roles: ['operator', 'security_officer'],
      },
      { label: 'console.nav.offboardings', href: '/admin/offboardings' },
      { label: 'console.nav.cut-offs', href: '/admin/cut-offs', roles: ['operator', 'security_officer'] },
      { label: 'staff-tokens.title', href: '/admin/tokens' },
    ] satisfies readonly Section[]
  ).map((section) => ({ ...section, group: groupOf(section.href) })),
  done: [
    'saved',
    'created',
    'suspended',
    'resumed',
    'offboarded',
    'decided',
    'admitted',
    'merging',
    'ended',
    'cut-off',
    ...['campaign-opened', 'campaign-closed', 'reminded', 'asked-again'],
    'closed',
    'view-kept',
    'view-removed',
    'glass-opened',
    'token-ended',
  ],
};
