import type { Reason } from '../errors.ts';
import { decide, type Rule } from './rules.ts';

export const roles = ['owner', 'developer', 'reviewer', 'operator', 'security_officer'] as const;
export type Role = (typeof roles)[number];

/** Who gives a command. `personId` is null for the operator at the command line and for the demo. */
export interface Actor {
  readonly personId: string | null;
  readonly organizationId: string | null;
  readonly roles: readonly Role[];
  /** `policy`: a rule, as an operator said that it should. */
  readonly via: 'portal' | 'console' | 'api' | 'registration' | 'scim' | 'cli' | 'demo' | 'policy';
}

export const commandLine: Actor = { personId: null, organizationId: null, roles: ['operator'], via: 'cli' };

/** What follows by itself, because an operator said so. */
export const byPolicy: Actor = { personId: null, organizationId: null, roles: ['operator'], via: 'policy' };

/** What stands in `createdBy`, `submittedBy` and the like: the person, or how it came. */
export const authorOf = ({ personId, via }: Actor): string => personId ?? via;

interface Permission {
  /** Roles that suffice for what is of the actor's own organization. */
  readonly own?: readonly Role[];
  /** Roles that suffice for what is of any organization, and for what is of none. */
  readonly any?: readonly Role[];
}

const VENDOR: readonly Role[] = ['owner', 'developer'];
/** They see every organization's records. */
const OVERSIGHT: readonly Role[] = ['reviewer', 'operator', 'security_officer'];

export const isOversight = (role: Role): boolean => OVERSIGHT.includes(role);
export const isVendor = (role: Role): boolean => VENDOR.includes(role);

const STOPPERS: readonly Role[] = ['operator', 'security_officer'];

const readable: Permission = { own: VENDOR, any: OVERSIGHT };
const vendorWork: Permission = { own: VENDOR, any: ['operator'] };
const ownerWork: Permission = { own: ['owner'], any: ['operator'] };
const operatorWork: Permission = { any: ['operator'] };
const stopping: Permission = { any: STOPPERS };

const permissions = {
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

/** What the action is about. */
export interface About {
  /** Whose record it is; null: the operator's own. Absent: all of them, or none yet. */
  readonly organizationId?: string | null;
  /** Other organizations that have a part in it: the target of a transfer. */
  readonly alsoOrganizationIds?: readonly string[];
  /** Whom it is about: who is given a role, whose token it is, who is to accept. */
  readonly personId?: string;
  /** The roles that are given or taken, and those that the person holds. */
  readonly roles?: readonly string[];
  /** Who wrote and who submitted what is reviewed. */
  readonly authors?: readonly string[];
  /** Owner and backup owner of the app. */
  readonly accountableIds?: readonly string[];
  /** Nobody else would be operator afterwards. */
  readonly endsLastOperator?: boolean;
}

interface Question {
  readonly actor: Actor;
  readonly action: Action;
  readonly about: About;
}

const has = (actor: Actor, some: readonly Role[] = []) => actor.roles.some((role) => some.includes(role));

/** Whether the actor sees the records of every organization, or only those of her own. */
export const seesAll = (actor: Actor): boolean => has(actor, OVERSIGHT);

const isOwn = ({ actor, about }: Question) =>
  actor.organizationId !== null && about.organizationId === actor.organizationId;

const isSeen = (question: Question) =>
  question.about.organizationId === undefined || isOwn(question) || seesAll(question.actor);

function rolesSuffice(question: Question): boolean {
  const { own, any }: Permission = permissions[question.action];
  return has(question.actor, any) || (isOwn(question) && has(question.actor, own));
}

/** N92: neither of an organization that has a part in it, nor its author; who is nobody is not independent. */
const isIndependent = ({ actor: { personId, organizationId }, about }: Question) =>
  personId !== null &&
  organizationId !== null &&
  ![about.organizationId, ...(about.alsoOrganizationIds ?? [])].includes(organizationId) &&
  !(about.authors ?? []).includes(personId);

const isHerself = ({ actor, about }: Question) =>
  actor.personId !== null && actor.personId === about.personId;

const isAccountable = ({ actor, about }: Question) =>
  actor.personId !== null && (about.accountableIds ?? []).includes(actor.personId);

/** The owner of an organization disposes of its owners and developers, never of who oversees. */
const mayDispose = ({ actor, about }: Question) =>
  has(actor, ['operator']) || (about.roles ?? []).every((role) => VENDOR.some((name) => name === role));

const unless = (actions: readonly Action[], holds: (question: Question) => boolean) => (question: Question) =>
  !actions.includes(question.action) || holds(question);

const rules: readonly Rule<Question>[] = [
  // N91: who may not know of a record hears that there is none.
  ['record_unknown', isSeen],
  ['not_allowed', rolesSuffice],
  ['segregation_of_duties', unless(['review.decide', 'contract.approve'], isIndependent)],
  // Who answers for an app does not lift what was laid on it, nor close what was found; nobody admits her own organization.
  [
    'segregation_of_duties',
    unless(['finding.close', 'app.resume', 'app.lift_restriction'], (question) => !isAccountable(question)),
  ],
  ['segregation_of_duties', unless(['organization.admit'], (question) => !isOwn(question))],
  ['not_allowed', unless(['role.grant'], (question) => !isHerself(question))],
  ['not_allowed', unless(['person.invite', 'person.change', 'role.grant', 'role.end'], mayDispose)],
  ['record_unknown', unless(['api_token.read', 'api_token.create', 'api_token.end'], isHerself)],
  ['not_allowed', unless(['transfer.answer'], isHerself)],
  ['not_allowed', unless(['attestation.answer'], isAccountable)],
  // Her passkey was asked for: a token shows none.
  ['not_allowed', unless(['app.confirm', 'attestation.answer'], ({ actor }) => actor.via === 'portal')],
  // A token gives no longer life to itself: a new one takes a passkey.
  ['not_allowed', unless(['api_token.create'], ({ actor }) => actor.via !== 'api')],
  ['state_conflict', ({ about }) => about.endsLastOperator !== true],
];

/** Undefined: permitted. */
export function refusalOf(actor: Actor, action: Action, about: About = {}): Reason | undefined {
  return decide(rules, { actor, action, about });
}

/** For pages: whether to offer the action. */
export const may = (actor: Actor, action: Action, about: About = {}): boolean =>
  refusalOf(actor, action, about) === undefined;
