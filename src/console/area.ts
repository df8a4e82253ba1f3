// The console: pages on which the operator's people review apps and keep the records of organizations, people and servers.
// Every change is a command of the registry; no rule of its stands here again. This file: what the shell shows of it.
import type { StaffArea } from '../staff/area.ts';

export const consoleArea: StaffArea = {
  via: 'console',
  roles: ['operator', 'reviewer', 'security_officer'],
  sections: [
    { label: 'console.nav.home', href: '/admin' },
    { label: 'console.nav.reviews', href: '/admin/reviews' },
    { label: 'console.nav.apps', href: '/admin/apps' },
    { label: 'console.nav.organizations', href: '/admin/organizations' },
    { label: 'console.nav.people', href: '/admin/people' },
    { label: 'console.nav.servers', href: '/admin/servers' },
    { label: 'console.nav.ehrs', href: '/admin/ehrs' },
    { label: 'console.nav.inventory', href: '/admin/inventory' },
    { label: 'console.nav.findings', href: '/admin/findings', roles: ['operator', 'security_officer'] },
    { label: 'console.nav.cut-offs', href: '/admin/cut-offs', roles: ['operator', 'security_officer'] },
  ],
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
    'closed',
  ],
};
