import { daysBetween } from '../policy/days.ts';
import type { Access } from '../smart/consent-choices.ts';
import { longDate, longInstant } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { type CardLinks, type CardUses, labelsOf, linksOf, usesOf } from './card-parts.ts';
import type { SharedKind, SharingFacts } from './sharing-facts.ts';

export interface MyAppsFacts {
  accountName: string;
  sharings: readonly SharingFacts[];
  now: Date;
  timeZone?: string;
  signOutUrl: string;
}

export interface AppCard {
  /** Safe as an element's id. */
  id: string;
  appName: string;
  organization: string;
  websiteHost: string;
  patient: string | null;
  decidedBy: string | null;
  view: readonly string[];
  change: readonly string[];
  since: string;
  ends: string;
  /** "12 days left", within the last 30 days. */
  countdown: string | null;
  lastUsed: string;
  offline: string | null;
  status: 'on' | 'paused';
  /** Why there is no Resume. */
  pausedBy: string | null;
  uses: CardUses;
  links: CardLinks;
  labels: CardLinks;
}

export interface MyAppsView {
  signedIn: string;
  signOutUrl: string;
  summary: string;
  cards: readonly AppCard[];
  ended: readonly {
    appName: string;
    organization: string;
    patient: string | null;
    text: string;
    receiptUrl: string;
    receiptLabel: string;
  }[];
  historyUrl: string;
}

/** Older ones are in the history. */
const ENDED_SHOWN = 10;

export function myAppsView(facts: MyAppsFacts, t: Translate, locale: Locale): MyAppsView {
  const { sharings, now, timeZone } = facts;
  const over = (sharing: SharingFacts) => sharing.ended !== null || sharing.endsAt <= now;
  const newestFirst = [...sharings].sort((a, b) => b.since.getTime() - a.since.getTime());
  const active = newestFirst.filter((sharing) => !over(sharing));
  return {
    signedIn: t('my-apps.signed-in', { account: facts.accountName }),
    signOutUrl: facts.signOutUrl,
    summary: active.length === 0 ? t('my-apps.none') : t('my-apps.summary', { count: active.length }),
    cards: active.map((sharing, index) => card(sharing, `app-${index + 1}`, { t, locale, now, timeZone })),
    ended: newestFirst
      .filter(over)
      .map((sharing) => ({
        sharing,
        at: sharing.ended?.at ?? sharing.endsAt,
        why: sharing.ended?.why ?? 'expired',
      }))
      .sort((a, b) => b.at.getTime() - a.at.getTime())
      .slice(0, ENDED_SHOWN)
      .map(({ sharing, at, why }) => ({
        receiptUrl: `/my/receipts/${sharing.consentId}${why === 'expired' ? '-expired' : ''}`,
        receiptLabel: t('my-apps.receipt-app', { app: sharing.appName }),
        appName: sharing.appName,
        organization: sharing.organizationName,
        patient: patientOf(sharing, t),
        text: t(`my-apps.ended.${why}`, {
          ...{ date: longDate(at, locale, timeZone), instant: longInstant(at, locale, timeZone) },
        }),
      })),
    historyUrl: '/my/history',
  };
}

interface Reading {
  t: Translate;
  locale: Locale;
  now: Date;
  timeZone: string | undefined;
}

function card(sharing: SharingFacts, id: string, { t, locale, now, timeZone }: Reading): AppCard {
  const date = (value: Date) => longDate(value, locale, timeZone);
  const daysLeft = Math.ceil(daysBetween(now, sharing.endsAt));
  return {
    id,
    appName: sharing.appName,
    organization: sharing.organizationName,
    websiteHost: sharing.websiteHost,
    patient: patientOf(sharing, t),
    decidedBy: sharing.decidedBy === null ? null : t('my-apps.decided-by', { name: sharing.decidedBy }),
    view: kinds(sharing.shared, 'view', t),
    change: kinds(sharing.shared, 'change', t),
    since: date(sharing.since),
    ends: date(sharing.endsAt),
    countdown: daysLeft <= 30 ? t('my-apps.days-left', { count: daysLeft }) : null,
    lastUsed: sharing.lastUsedAt
      ? longInstant(sharing.lastUsedAt, locale, timeZone)
      : t('my-apps.never-used', { date: date(sharing.since) }),
    offline: sharing.offline ? t('my-apps.offline') : null,
    status: sharing.isPaused ? 'paused' : 'on',
    pausedBy: sharing.isPaused && !sharing.mayResume ? t('my-apps.paused-by-other') : null,
    uses: usesOf(sharing, t),
    links: linksOf(sharing),
    labels: labelsOf(sharing, t),
  };
}

const patientOf = ({ patientName }: SharingFacts, t: Translate) =>
  patientName === null ? null : t('my-apps.patient', { name: patientName });

/** The names of what is shared, each once. */
export function kinds(shared: readonly SharedKind[], access: Access, t: Translate): string[] {
  const names = shared
    .filter((kind) => kind.access === access)
    .map(({ category }) => t(`scope.${category}.name`));
  return [...new Set(names)];
}
