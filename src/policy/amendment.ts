// What a patient may change of what she shares with an app, and what becomes of her consents by it. Less is always
// possible; more only of what she decided herself, within what the app asked for then and may still be given. No consent
// gets what another one has: what is new to one is new to all, and told.
import { type ConsentChoice, consentRequest, grantedScopes } from '../smart/consent-choices.ts';
import { formatScopes, parseScopes, type Scope } from '../smart/scope.ts';
import { coversAll } from '../smart/scope-algebra.ts';
import { withinConsent } from './live-scope.ts';
import { withoutStopped } from './stopped-scopes.ts';

/** A consent that stands, and what holds of it now. */
export interface SharedConsent {
  readonly grantId: string;
  /** How many amendments there are. */
  readonly after: number;
  /** She decided it herself, about her own record. */
  readonly own: boolean;
  readonly requestedScope: string;
  readonly scope: string;
  readonly choices: readonly string[];
  readonly until: Date;
}

export interface AmendmentLimits {
  /** Whether the app may be given more at all. */
  readonly mayGrow: boolean;
  readonly scopeCeiling: string;
  readonly stoppedScopes: readonly string[];
  /** Whether more of what is sensitive may be ticked now. */
  readonly maySensitive: boolean;
}

export interface OfferedChoice extends ConsentChoice {
  /** Chosen before, and shared now. */
  readonly chosen: boolean;
  /** Shared now, perhaps by a wider choice. */
  readonly shared: boolean;
}

/** What may be ticked, once for each choice; what only a fresh sign-in may tick is left out. */
export function amendableChoices(
  consents: readonly SharedConsent[],
  limits: AmendmentLimits,
): readonly OfferedChoice[] {
  const offered = new Map<string, OfferedChoice>();
  for (const consent of consents) {
    const live = scopesIn(consent.scope);
    for (const choice of requestOf(consent).choices) {
      const shared = coversAll(live, choice.scopes);
      const chosen = shared && consent.choices.includes(choice.id);
      if (!shared && !isAddable(consent, choice, limits)) continue;
      const earlier = offered.get(choice.id);
      const either = {
        shared: shared || earlier?.shared === true,
        chosen: chosen || earlier?.chosen === true,
      };
      offered.set(choice.id, { ...choice, ...either });
    }
  }
  return [...offered.values()];
}

/** Whether a fresh sign-in would offer more. */
export const keepsBack = (consents: readonly SharedConsent[], limits: AmendmentLimits): boolean =>
  !limits.maySensitive &&
  amendableChoices(consents, { ...limits, maySensitive: true }).length >
    amendableChoices(consents, limits).length;

export interface PlannedAmendment {
  readonly grantId: string;
  readonly after: number;
  readonly scope: string;
  readonly choices: readonly string[];
  readonly expiresAt: Date;
}

export interface AmendmentPlan {
  /** Of the consents that change. */
  readonly amendments: readonly PlannedAmendment[];
  readonly added: readonly ConsentChoice[];
  readonly removed: readonly ConsentChoice[];
  /** All that is shared then. */
  readonly scope: string;
  /** The last of the ends, before and after. */
  readonly until: { readonly before: Date; readonly after: Date };
}

interface Wanted {
  readonly choiceIds: ReadonlySet<string>;
  /** null: as it is. */
  readonly until: Date | null;
}

/** Undefined: something was ticked that is not offered. `consents`: those that are shared together. */
export function planAmendment(
  consents: readonly SharedConsent[],
  limits: AmendmentLimits,
  { choiceIds, until }: Wanted,
): AmendmentPlan | undefined {
  const offered = amendableChoices(consents, limits);
  const wanted = offered.filter(({ id }) => choiceIds.has(id));
  if (wanted.length !== choiceIds.size) return undefined;
  const added = wanted.filter(({ shared }) => !shared);
  const before = latest(consents.map((one) => one.until));
  const asked = {
    ...{ limits, choiceIds, until },
    addedIds: new Set(added.map(({ id }) => id)),
    isLonger: until !== null && until > before,
  };
  const planned = consents.map((consent) => amended(consent, asked));
  const changed = planned.filter((plan, at) => differs(consents[at] as SharedConsent, plan));
  const scopes = planned.flatMap(({ scope }) => scopesIn(scope));
  return {
    amendments: changed,
    added,
    removed: offered.filter(({ chosen, scopes: own }) => chosen && !coversAll(scopes, own)),
    scope: formatScopes(scopes),
    until: { before, after: latest(planned.map((one) => one.expiresAt)) },
  };
}

interface Asked extends Wanted {
  readonly limits: AmendmentLimits;
  /** What no consent shares: the only choices that are new to any of them. */
  readonly addedIds: ReadonlySet<string>;
  /** Than the last of the ends. */
  readonly isLonger: boolean;
}

function amended(consent: SharedConsent, asked: Asked): PlannedAmendment {
  const { limits, choiceIds, addedIds, until, isLonger } = asked;
  const { grantId, after, own } = consent;
  const live = scopesIn(consent.scope);
  const request = requestOf(consent);
  const ticked = request.choices.filter(
    (choice) =>
      choiceIds.has(choice.id) &&
      (coversAll(live, choice.scopes) || (addedIds.has(choice.id) && isAddable(consent, choice, limits))),
  );
  const choices = ticked.map(({ id }) => id);
  const meant = grantedScopes(request, new Set(choices), hasOffline(live)) ?? [];
  const grows = own && limits.mayGrow;
  const scope = formatScopes(grows ? meant : withinConsent(meant, consent.scope));
  const { until: end } = consent;
  const isLater = until !== null && until > end;
  const mayBeLater = isLonger && limits.mayGrow && mayLastLonger(consent);
  return {
    grantId,
    after,
    scope,
    choices,
    expiresAt: until === null || (isLater && !mayBeLater) ? end : until,
  };
}

/** Whether it may be made to last longer: beyond a session only what was agreed to beyond a session. */
export const mayLastLonger = ({ own, scope }: Pick<SharedConsent, 'own' | 'scope'>): boolean =>
  own && hasOffline(scopesIn(scope));

const hasOffline = (scopes: readonly Scope[]) =>
  scopes.some((scope) => scope.kind === 'refresh' && scope.name === 'offline_access');

/** Within what the app asked for then, and what it may be given today, to who asks now. */
function isAddable(
  { own }: SharedConsent,
  { scopes, sensitive }: ConsentChoice,
  { mayGrow, maySensitive, scopeCeiling, stoppedScopes }: AmendmentLimits,
): boolean {
  if (!own || !mayGrow || (sensitive && !maySensitive)) return false;
  return (
    coversAll(scopesIn(scopeCeiling), scopes) &&
    withoutStopped(scopes, stoppedScopes).length === scopes.length
  );
}

function differs(consent: SharedConsent, { scope, expiresAt }: PlannedAmendment): boolean {
  const [before, after] = [scopesIn(consent.scope), scopesIn(scope)];
  const isSame = coversAll(before, after) && coversAll(after, before);
  return !isSame || expiresAt.getTime() !== consent.until.getTime();
}

const requestOf = ({ requestedScope }: SharedConsent) => consentRequest(scopesIn(requestedScope));

const scopesIn = (text: string): readonly Scope[] => parseScopes(text).scopes;

const latest = (instants: readonly Date[]) => new Date(Math.max(...instants.map((one) => one.getTime())));
