// Changing what is shared as data: the form, what would become of it, and that it was done.
import type { AmendmentPlan, OfferedChoice } from '../policy/amendment.ts';
import type { ConsentChoice } from '../smart/consent-choices.ts';
import { longDate, longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { choiceSections } from './consent-choices-view.ts';
import { sharedKinds } from './shared-kinds.ts';

export type ChangeDurationId = 'keep' | '30' | '90' | '365';
export type ChangeProblem = 'nothing-chosen' | 'no-duration' | 'no-change';

interface ForWhat {
  readonly purpose: string;
  /** The FHIR base. */
  readonly audience: string;
}

/** What is changed together: one purpose, one FHIR server; the others have pages of their own. */
export interface ChangePart extends ForWhat {
  readonly others: readonly (ForWhat & { readonly url: string })[];
}

interface Common {
  readonly part?: ChangePart;
  readonly appName: string;
  readonly organizationName: string;
  /** Whose record, when it is not the signed-in person's own. */
  readonly patientName: string | null;
  readonly actionUrl: string;
  readonly backUrl: string;
  readonly timeZone?: string | undefined;
}

export interface ChangeFacts extends Common {
  readonly choices: readonly OfferedChoice[];
  readonly durations: readonly { readonly id: ChangeDurationId; readonly endsAt: Date }[];
  readonly paused: boolean;
  /** Where a passkey is shown that lets more of what is private be ticked; null: it would not. */
  readonly freshUrl: string | null;
  /** Nothing may be added. */
  readonly onlyLess: boolean;
  readonly stopUrl: string;
  /** What the form was made from. */
  readonly basis: string;
  readonly submitted?: {
    readonly choiceIds: ReadonlySet<string>;
    readonly duration: string;
    readonly problem: ChangeProblem | null;
  };
}

export function changeView(facts: ChangeFacts, t: Translate, locale: Locale) {
  const { choices, submitted, durations, appName: app } = facts;
  const date = (value: Date) => longDate(value, locale, facts.timeZone);
  const chosen = submitted?.choiceIds ?? new Set(choices.flatMap(({ id, chosen: is }) => (is ? [id] : [])));
  const offered = durations.map(({ id }) => id as string);
  const duration = submitted && offered.includes(submitted.duration) ? submitted.duration : 'keep';
  return {
    ...common(facts, t),
    heading: t('change-sharing.heading', { app }),
    problem: submitted?.problem ? t(`change-sharing.problem.${submitted.problem}`) : null,
    basis: facts.basis,
    others: (facts.part?.others ?? []).map((other) => ({ url: other.url, text: forWhat(other, t) })),
    stopUrl: facts.stopUrl,
    stop: t('change-sharing.stop', { app }),
    paused: facts.paused ? t('change-sharing.paused', { app }) : null,
    onlyLess: facts.onlyLess ? t('change-sharing.only-less', { app }) : null,
    fresh: facts.freshUrl === null ? null : { url: facts.freshUrl, text: t('change-sharing.fresh') },
    sections: choiceSections({ choices, previous: null, chosen }, t, date).map((section) =>
      section.id.endsWith('-sensitive') ? { ...section, hint: t('change-sharing.private') } : section,
    ),
    durations: durations.map(({ id, endsAt }) => ({
      id,
      label: t(id === 'keep' ? 'change-sharing.keep' : `consent.duration.${id}`),
      ends: t('consent.duration.ends', { date: date(endsAt) }),
      checked: id === duration,
    })),
  };
}

export interface ReviewFacts extends Common {
  readonly plan: AmendmentPlan;
  readonly submitted: { readonly choiceIds: ReadonlySet<string>; readonly duration: string };
  readonly basis: string;
}

export function reviewView(facts: ReviewFacts, t: Translate, locale: Locale) {
  const { plan, submitted, basis, appName: app } = facts;
  const { before, after } = plan.until;
  const date = (value: Date) => longDate(value, locale, facts.timeZone);
  const span = { from: date(before), to: date(after) };
  const end = after > before ? 'longer' : after < before ? 'shorter' : 'same';
  const grows = plan.added.length > 0;
  return {
    ...common(facts, t),
    heading: t('change-sharing.review.heading', { app }),
    basis,
    choiceIds: [...submitted.choiceIds],
    duration: submitted.duration,
    removed: named(plan.removed, t),
    added: named(plan.added, t),
    kept: keptKinds(plan, t),
    end: { kind: end, text: t(`change-sharing.review.${end}`, end === 'same' ? { date: span.to } : span) },
    consequences: [
      ...(plan.removed.length > 0 ? [t('change-sharing.then.less', { app })] : []),
      ...(grows ? [t('change-sharing.then.more', { app })] : []),
      ...(plan.removed.length > 0 ? [t('change-sharing.then.kept', { app })] : []),
    ],
  };
}

export interface ChangedFacts extends Common {
  readonly changedAt: Date;
  /** One for each decision that it was about. */
  readonly receiptIds: readonly string[];
  readonly until: Date;
}

export function changedView(facts: ChangedFacts, t: Translate, locale: Locale) {
  const { changedAt, timeZone, receiptIds, appName: app } = facts;
  return {
    heading: t('change-sharing.done.heading', { app }),
    effect: t('change-sharing.done.effect'),
    instant: changedAt.toISOString(),
    time: longInstant(changedAt, locale, timeZone),
    ends: longDate(facts.until, locale, timeZone),
    receipts: receiptIds.map((id) => ({ id, url: `/my/receipts/${id}` })),
    myAppsUrl: facts.backUrl,
  };
}

const common = (facts: Common, t: Translate) => {
  const { appName, organizationName, patientName, actionUrl, backUrl, part } = facts;
  return {
    ...{ appName, organization: organizationName, actionUrl, backUrl },
    patient: patientName === null ? null : t('consent.record.other', { name: patientName }),
    part:
      part === undefined || part.others.length === 0
        ? null
        : t('change-sharing.part', { what: forWhat(part, t) }),
  };
};

const forWhat = ({ purpose, audience }: ForWhat, t: Translate) =>
  t('change-sharing.part.what', {
    purpose: t(`purpose.${purpose}`),
    server: audience.replace(/^https?:\/\//, ''),
  });

/** A choice in words: what may be changed is told apart from what may be seen. */
const named = (choices: readonly Pick<ConsentChoice, 'category' | 'access' | 'broad'>[], t: Translate) =>
  choices.map(({ category, access, broad }) => {
    const name = t(`scope.${category}.name`);
    const whole = broad && category !== 'everything' ? t('consent.broad', { name }) : name;
    return access === 'view' ? whole : t('change-sharing.may-change', { name: whole });
  });

function keptKinds({ scope, added }: AmendmentPlan, t: Translate): string[] {
  const isNew = (kind: { category: string; access: string }) =>
    added.some(({ category, access }) => category === kind.category && access === kind.access);
  const kinds = sharedKinds(scope).filter((kind) => !isNew(kind));
  return [
    ...new Set(
      kinds.map(({ category, access }) => {
        const name = t(`scope.${category}.name`);
        return access === 'view' ? name : t('change-sharing.may-change', { name });
      }),
    ),
  ];
}
