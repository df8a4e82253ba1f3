import { daysAfter } from '../policy/days.ts';
import { consentRequest } from '../smart/consent-choices.ts';
import { parseScopes } from '../smart/scope.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';
import { defaultDuration, offeredDurations } from './consent-durations.ts';
import { type ConsentView, consentView } from './consent-view.ts';

/** What an app would show of itself, before it is registered. */
export interface DescribedApp {
  readonly name: string;
  readonly organizationName: string;
  readonly operatorName: string;
  readonly logoId: string | null;
  readonly websiteUrl: string;
  readonly policyUrl: string | null;
  readonly purposeStatement: string;
  readonly purpose: string;
  readonly scopes: string;
  readonly maxConsentDays: number;
  readonly now: Date;
}

const WEB = /^https?:\/\//;

/** The consent page for an app that is described only: as if it was reviewed today, and of nobody's record. */
export function consentPreview(app: DescribedApp, t: Translate, locale: Locale): ConsentView {
  const { now, scopes, maxConsentDays, policyUrl, websiteUrl } = app;
  const request = consentRequest(parseScopes(scopes).scopes);
  const inAYear = daysAfter(now, 365);
  const durations = offeredDurations({
    ...{ offline: request.offline, maxConsentDays, now },
    ...{ contractEndsAt: inAYear, useCaseEndsAt: null },
  });
  const name = t('consent-preview.person');
  return consentView(
    {
      accountName: name,
      patientName: name,
      self: true,
      app: {
        name: app.name,
        organizationName: app.organizationName,
        logoId: app.logoId,
        websiteHost: URL.canParse(websiteUrl) ? new URL(websiteUrl).host : '…',
        reviewedAt: now,
        attestationDueAt: inAYear,
        purposeStatement: app.purposeStatement,
        policyUrl: policyUrl !== null && WEB.test(policyUrl) ? policyUrl : null,
      },
      operatorName: app.operatorName,
      purposeOfUse: app.purpose,
      request,
      previous: null,
      durations,
      defaultDuration: defaultDuration(durations),
      now,
      ...{ actionUrl: '', basis: '' },
      switchUrl: '',
    },
    t,
    locale,
  );
}
