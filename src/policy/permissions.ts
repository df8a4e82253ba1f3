import type { Reason } from '../errors.ts';
import {
  type Action,
  OVERSIGHT,
  type Permission,
  permissions,
  type Role,
  VENDOR,
} from './permission-table.ts';
import { decide, type Rule } from './rules.ts';

export { type Action, isOversight, isVendor, type Role, roles } from './permission-table.ts';

/** Who gives a command. `personId` is null for the operator at the command line and for the demo. */
export interface Actor {
  readonly personId: string | null;
  readonly organizationId: string | null;
  readonly roles: readonly Role[];
  /** `policy`: a rule, as an operator said that it should. */
  readonly via: 'portal' | 'console' | 'api' | 'registration' | 'scim' | 'cli' | 'demo' | 'policy';
  /** When she last showed her passkey, where that was asked for. */
  readonly verifiedAt?: Date;
}

export const commandLine: Actor = { personId: null, organizationId: null, roles: ['operator'], via: 'cli' };

/** What follows by itself, because an operator said so. */
export const byPolicy: Actor = { personId: null, organizationId: null, roles: ['operator'], via: 'policy' };

/** What stands in `createdBy`, `submittedBy` and the like: the person, or how it came. */
export const authorOf = ({ personId, via }: Actor): string => personId ?? via;

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

/** Neither of an organization that has a part in it, nor its author; who is nobody is not independent. */
const isIndependent = ({ actor: { personId, organizationId }, about }: Question) =>
  personId !== null &&
  organizationId !== null &&
  ![about.organizationId, ...(about.alsoOrganizationIds ?? [])].includes(organizationId) &&
  !(about.authors ?? []).includes(personId);

/** Another person than who asked; who is nobody is no second one, and neither is anybody beside the command line. */
const isSecond = ({ actor: { personId }, about: { authors = [] } }: Question) =>
  personId !== null && !authors.includes(personId) && !authors.includes(commandLine.via);

const isHerself = ({ actor, about }: Question) =>
  actor.personId !== null && actor.personId === about.personId;

const isAccountable = ({ actor, about }: Question) =>
  actor.personId !== null && (about.accountableIds ?? []).includes(actor.personId);

const showedPasskey = ({ actor: { via, verifiedAt } }: Question) =>
  via === 'portal' || (via === 'api' && verifiedAt !== undefined);

/** The owner of an organization disposes of its owners and developers, never of who oversees. */
const mayDispose = ({ actor, about }: Question) =>
  has(actor, ['operator']) || (about.roles ?? []).every((role) => VENDOR.some((name) => name === role));

const unless = (actions: readonly Action[], holds: (question: Question) => boolean) => (question: Question) =>
  !actions.includes(question.action) || holds(question);

const rules: readonly Rule<Question>[] = [
  // Who may not know of a record hears that there is none.
  ['record_unknown', isSeen],
  ['not_allowed', rolesSuffice],
  ['segregation_of_duties', unless(['review.decide', 'contract.approve'], isIndependent)],
  ['segregation_of_duties', unless(['break_glass.decide'], isSecond)],
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
  // Her passkey was asked for: a token alone shows none.
  ['not_allowed', unless(['app.confirm', 'attestation.answer'], showedPasskey)],
  // A token gives no longer life to itself, whenever her passkey was shown: the pages alone make a new one.
  ['not_allowed', unless(['api_token.create'], ({ actor: { via } }) => via !== 'api')],
  ['state_conflict', ({ about }) => about.endsLastOperator !== true],
];

/** Undefined: permitted. */
export function refusalOf(actor: Actor, action: Action, about: About = {}): Reason | undefined {
  return decide(rules, { actor, action, about });
}

/** For pages: whether to offer the action. */
export const may = (actor: Actor, action: Action, about: About = {}): boolean =>
  refusalOf(actor, action, about) === undefined;
