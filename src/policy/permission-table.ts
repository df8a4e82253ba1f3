// Which roles suffice for what: of the actor's own organization, and of any. What else is asked, permissions says.

export const roles = ['owner', 'developer', 'reviewer', 'operator', 'security_officer'] as const;
export type Role = (typeof roles)[number];

export interface Permission {
  /** Roles that suffice for what is of the actor's own organization. */
  readonly own?: readonly Role[];
  /** Roles that suffice for what is of any organization, and for what is of none. */
  readonly any?: readonly Role[];
}

export const VENDOR: readonly Role[] = ['owner', 'developer'];
/** They see every organization's records. */
export const OVERSIGHT: readonly Role[] = ['reviewer', 'operator', 'security_officer'];

export const isOversight = (role: Role): boolean => OVERSIGHT.includes(role);
export const isVendor = (role: Role): boolean => VENDOR.includes(role);

const STOPPERS: readonly Role[] = ['operator', 'security_officer'];

const readable: Permission = { own: VENDOR, any: OVERSIGHT };
const vendorWork: Permission = { own: VENDOR, any: ['operator'] };
const ownerWork: Permission = { own: ['owner'], any: ['operator'] };
const operatorWork: Permission = { any: ['operator'] };
const stopping: Permission = { any: STOPPERS };

export const permissions = {
  'app.read': readable,
  'app.create': vendorWork,
  /** Save, submit and withdraw revisions; logos. */
  'app.revise': vendorWork,
  'app.keys': vendorWork,
  'app.record_change': vendorWork,
  'app.assign_owner': ownerWork,
  'app.assign_contract': operatorWork,
  'app.suspend': stopping,
  'app.resume': operatorWork,
  'app.offboard': ownerWork,

  'transfer.read': readable,
  'transfer.propose': ownerWork,
  'transfer.withdraw': ownerWork,
  'transfer.answer': { own: ['owner'] },

  /** Which platform acts for the app: its people ask, those of the platform accept, either ends it. */
  'delegation.ask': vendorWork,
  'delegation.accept': ownerWork,
  'delegation.end': { own: VENDOR, any: STOPPERS },

  'review.read': { any: OVERSIGHT },
  'review.decide': { any: ['reviewer'] },

  'organization.read': readable,
  'organization.create': operatorWork,
  /** Legal name, kind, country, identifier. */
  'organization.identify': operatorWork,
  /** Contacts, webhook. */
  'organization.change': ownerWork,
  'organization.admit': operatorWork,
  'organization.suspend': stopping,
  'organization.resume': operatorWork,
  'organization.offboard': operatorWork,
  'organization.merge': operatorWork,
  'domain.prove': vendorWork,
  'contract.read': readable,
  'contract.manage': operatorWork,
  /** That a renewal begins although the data flow changed. */
  'contract.approve': { any: ['reviewer'] },

  'person.read': readable,
  'person.invite': ownerWork,
  /** Name, mail address, a new invitation, the end of her work. */
  'person.change': ownerWork,
  'role.grant': ownerWork,
  'role.end': ownerWork,
  /** By whose sign-in its people come in. */
  'staff_provider.read': readable,
  'staff_provider.manage': ownerWork,
  /** With which its directory says who has left. */
  'scim_token.manage': ownerWork,

  'server.read': readable,
  'server.manage': operatorWork,
  'server.secrets': vendorWork,
  'server.suspend': stopping,
  'server.offboard': operatorWork,
  /** What was ended for good, and its receipts. */
  'offboarding.read': readable,
  'ehr.read': readable,
  'ehr.manage': operatorWork,
  'ehr.suspend': stopping,
  /** Who may act for which patient: operators know it, and the evidence. */
  'representation.read': stopping,
  'representation.manage': operatorWork,
  'representation.end': stopping,
  /** Who there is, with which records; invitations. */
  'patient.manage': operatorWork,
  /** When she was born. */
  'patient.identify': operatorWork,
  'inventory.read': { any: OVERSIGHT },
  /** Cutting off what was issued, and reading what was: of any kind of subject, patients too. */
  'access.cut_off': stopping,
  /** Access in an emergency or for support: asking, granting and reviewing (never one's own), ending. */
  'break_glass.read': { own: VENDOR, any: STOPPERS },
  'break_glass.request': vendorWork,
  'break_glass.support': stopping,
  'break_glass.decide': stopping,
  'break_glass.end': { own: VENDOR, any: STOPPERS },
  /** What happened, with the patients that it concerned: events, exports, disclosures. */
  'audit.read': stopping,
  /** Who confirms by when what access rests on, and who has not. */
  'campaign.read': { any: OVERSIGHT },
  'campaign.manage': operatorWork,
  /** Those who answer for the app: nobody confirms another organization's. */
  'attestation.answer': { own: VENDOR },
  /** What must be looked into, with the patients that it concerns. */
  'finding.read': stopping,
  'finding.close': stopping,
  /** What rules found about the own apps, and what is said to it. */
  'finding.read_own': { own: VENDOR, any: STOPPERS },
  'finding.answer': { own: VENDOR },
  'app.restrict': stopping,
  'app.lift_restriction': operatorWork,
  /** That an app in quarantine is still needed: its own people say so. */
  'app.confirm': { own: ['owner'] },
  'policy.read': stopping,
  'policy.set': operatorWork,

  /** Evidence of who a patient is was checked again: she may come back with a recovery code. */
  'patient.recover': operatorWork,
  'patient.contact': operatorWork,

  'api_token.read': { own: roles },
  'api_token.create': { own: roles },
  'api_token.end': { own: roles },
  'initial_access_token.manage': operatorWork,
} as const satisfies Record<string, Permission>;

export type Action = keyof typeof permissions;
