import type { Translate } from '../web/messages.ts';
import type { SharingFacts } from './sharing-facts.ts';
import { sparkline } from './sparkline.ts';

/** Where one goes from the card of an app, or what that is called. */
export interface CardLinks {
  change: string;
  /** Pause, or resume; null: somebody else paused it, whose pause it is. */
  toggle: string | null;
  stop: string;
  history: string;
  receipt: string;
  report: string;
}

export interface CardUses {
  text: string;
  /** Of an SVG; null: there were none. */
  path: string | null;
}

export function linksOf(sharing: SharingFacts): CardLinks {
  const { baseUrl, appId, patientId, consentId, isPaused, mayResume } = sharing;
  const ofRecord = patientId === null ? '/my' : `/my/patients/${encodeURIComponent(patientId)}`;
  const app = new URLSearchParams({ app: appId });
  return {
    change: `${baseUrl}/change`,
    toggle: isPaused && !mayResume ? null : `${baseUrl}/${isPaused ? 'resume' : 'pause'}`,
    stop: `${baseUrl}/stop`,
    history: `${ofRecord}/history?${app}`,
    receipt: `/my/receipts/${consentId}`,
    report: `${ofRecord}/report?${app}`,
  };
}

/** What a link is called where its words alone do not say which app. */
export function labelsOf({ appName: app, isPaused }: SharingFacts, t: Translate): CardLinks {
  return {
    change: t('my-apps.change-app', { app }),
    toggle: t(isPaused ? 'my-apps.resume-app' : 'my-apps.pause-app', { app }),
    stop: t('my-apps.stop-app', { app }),
    history: t('my-apps.history-app', { app }),
    receipt: t('my-apps.receipt-app', { app }),
    report: t('report.not-me-app', { app }),
  };
}

export function usesOf({ uses, isCountCapped }: SharingFacts, t: Translate): CardUses {
  const count = uses.reduce((sum, one) => sum + one, 0);
  if (count === 0) return { text: t('my-apps.uses.none'), path: null };
  const days = uses.filter((one) => one > 0).length;
  const times = t(isCountCapped ? 'my-apps.uses.or-more' : 'my-apps.uses', { count });
  return { text: `${times} ${t('my-apps.uses.days', { count: days })}`, path: sparkline(uses) };
}
