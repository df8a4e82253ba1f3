import { longDate } from '../web/dates.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { type ConsentFacts, type ConsentView, whoAsks } from './consent-view.ts';

export interface IdentityFacts
  extends Pick<
    ConsentFacts,
    'accountName' | 'app' | 'operatorName' | 'purposeOfUse' | 'now' | 'timeZone' | 'actionUrl' | 'switchUrl'
  > {
  /** The app asks for the name, too. */
  readonly name: boolean;
  readonly endsAt: Date;
}

export interface IdentityView
  extends Pick<ConsentView, 'actionUrl' | 'switchUrl' | 'appName' | 'who' | 'why'> {
  heading: string;
  signedIn: string;
  learns: readonly string[];
  nothingElse: string;
  ends: string;
}

/** The page of a login-only app as data: who asks, why, what it learns, until when. */
export function identityView(facts: IdentityFacts, t: Translate, locale: Locale): IdentityView {
  const { app, accountName } = facts;
  const date = (value: Date) => longDate(value, locale, facts.timeZone);
  const values = { app: app.name, account: accountName };
  return {
    actionUrl: facts.actionUrl,
    switchUrl: facts.switchUrl,
    appName: app.name,
    heading: t('identity.heading', values),
    signedIn: t('consent.signed-in', values),
    who: whoAsks(facts, t, date),
    why: { purpose: t(`purpose.${facts.purposeOfUse}`), statement: app.purposeStatement },
    learns: [t('identity.what.number', values), ...(facts.name ? [t('identity.what.name', values)] : [])],
    nothingElse: t('identity.what.nothing-else', values),
    ends: t('identity.ends', { date: date(facts.endsAt) }),
  };
}
