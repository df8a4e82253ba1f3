import type { StaffArea } from '../staff/area.ts';

export const portal: StaffArea = {
  via: 'portal',
  roles: ['owner', 'developer'],
  sections: [
    { label: 'developer.nav.apps', href: '/developer' },
    { label: 'developer.nav.organization', href: '/developer/organization' },
    { label: 'developer.nav.colleagues', href: '/developer/people' },
    { label: 'developer.nav.attestations', href: '/developer/attestations' },
    { label: 'developer.nav.transfers', href: '/developer/transfers' },
    { label: 'developer.nav.domains', href: '/developer/domains' },
    { label: 'developer.nav.break-glass', href: '/developer/break-glass' },
    { label: 'developer.nav.findings', href: '/developer/findings' },
    { label: 'staff-tokens.title', href: '/developer/tokens' },
    { label: 'developer.nav.staff-access', href: '/developer/sign-in', roles: ['owner'] },
  ],
  done: [
    ...['answered', 'confirmed'],
    ...['app-created', 'revision-saved', 'submitted', 'withdrawn', 'key-added', 'key-ended', 'owner-saved'],
    ...[
      'change-recorded',
      'transfer-proposed',
      'transfer-accepted',
      'transfer-declined',
      'transfer-withdrawn',
    ],
    ...['attested'],
    ...['domain-verified', 'token-ended', 'offboarded', 'provider-ended'],
    ...['contact-saved', 'contact-removed', 'webhook-tested', 'webhook-removed'],
    ...['person-saved', 'person-left', 'role-given', 'role-ended'],
    ...['glass-asked', 'glass-ended'],
  ],
};
