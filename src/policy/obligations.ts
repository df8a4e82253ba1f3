// What the resource server must do beside a permission.
import { type AccessFacts, disclosureOf, holderOf } from './access-facts.ts';
import { isRecent, signInOf } from './assurance.ts';
import { isExport, isWrite, needsOf } from './needs.ts';
import { reachOf } from './scope-reach.ts';
import {
  ALL_WITHHELD,
  CHOICE_WITHHELD,
  sensitivitiesOf,
  type Withheld,
  withheldFrom,
} from './sensitivity.ts';

/** One that cannot do one of them must refuse (AuthZEN, obligations). */
export type Obligation =
  | {
      readonly type: 'filter';
      /** Which resources it is about; `*`: all. */
      readonly resourceType: string;
      /**
       * Only what at least one of them finds may be answered, or written. Each is search parameters that all hold, as if they
       * were added to the search.
       */
      readonly alternatives: readonly (readonly (readonly [name: string, value: string])[])[];
    }
  /**
   * What carries one of these labels, `system|code`, or a confidentiality that is not open, is left out as if it were not
   * there; if so said, what carries no confidentiality at all, too.
   */
  | (Withheld & { readonly type: 'redact'; readonly unlabelled: boolean })
  /** The disclosure must be in the resource server's own log, too. */
  | { readonly type: 'log'; readonly about: 'sensitive' | 'export' | 'representative' };

/** Of a request that is permitted. */
export function obligationsOf(facts: AccessFacts): Obligation[] {
  return [...filters(facts), ...redactions(facts), ...logs(facts)];
}

function filters({ token, request }: AccessFacts): Obligation[] {
  const holder = holderOf(token);
  const filters = needsOf(request).flatMap((need): Obligation[] => {
    const alternatives = reachOf(holder, need);
    const isOpen = alternatives.some((alternative) => alternative.length === 0);
    return isOpen ? [] : [{ type: 'filter', resourceType: need.resourceType, alternatives }];
  });
  const texts = filters.map((one) => JSON.stringify(one));
  return filters.filter((_, at) => texts.indexOf(texts[at] as string) === at);
}

/** Of one resource whose labels the resource server told, the rules have judged them; of many they tell nothing. */
function redactions(facts: AccessFacts): Obligation[] {
  const { request, settings } = facts;
  const isOfOne = request.interaction === 'read' || request.interaction === 'vread';
  if ((isOfOne && request.labels !== undefined) || isWrite(request)) return [];
  const withheld = isFresh(facts) ? withheldFrom(disclosureOf(facts)) : ALL_WITHHELD;
  if (withheld === undefined) return [];
  if (withheld !== ALL_WITHHELD) return [REDACT_BY_CHOICE];
  return [settings.unlabelled === 'restricted' ? REDACT_UNLABELLED : REDACT];
}

/** Each is long and made once, so that who writes it out can do so once. */
const REDACT: Obligation = { type: 'redact', ...ALL_WITHHELD, unlabelled: false };
const REDACT_UNLABELLED: Obligation = { type: 'redact', ...ALL_WITHHELD, unlabelled: true };
const REDACT_BY_CHOICE: Obligation = { type: 'redact', ...CHOICE_WITHHELD, unlabelled: false };

/** Whether the person signed in recently enough for what is sensitive; of a backend service nobody did. */
export function isFresh({ token, settings }: AccessFacts): boolean {
  const { sensitiveMaxAge } = settings;
  const isPerson = token.grantId !== null;
  return !isPerson || sensitiveMaxAge === null || isRecent(signInOf(token), sensitiveMaxAge, token.now);
}

/** 45 CFR 164.528, 42 CFR 2.16: what others will ask about later. */
function logs({ token, request, settings }: AccessFacts): Obligation[] {
  const { labels } = request;
  const isSensitive = labels !== undefined && sensitivitiesOf(labels, settings.unlabelled).length > 0;
  const about = [
    isSensitive && ('sensitive' as const),
    isExport(request) && ('export' as const),
    token.representationId !== null && ('representative' as const),
  ];
  return about.filter((one) => one !== false).map((one) => ({ type: 'log', about: one }));
}
