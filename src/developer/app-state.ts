import { daysBetween } from '../policy/days.ts';
import { SOON_DAYS } from '../policy/findings.ts';
import type { AppListed, AppRecord } from '../registry/app-records.ts';

/** In which state an app is, in a word, and how it looks. */
export type StateKey =
  | 'offboarded'
  | 'suspended'
  | 'in-review'
  | 'draft'
  | 'refused'
  | 'changes-asked'
  | 'stopped'
  | 'quarantined'
  | 'sandbox'
  | 'production';

const LOOKS: Readonly<Record<StateKey, 'on' | 'soon' | 'off'>> = {
  offboarded: 'off',
  suspended: 'off',
  'in-review': 'soon',
  draft: 'soon',
  refused: 'off',
  'changes-asked': 'soon',
  stopped: 'off',
  quarantined: 'off',
  sandbox: 'on',
  production: 'on',
};

export const lookOf = (state: StateKey) => LOOKS[state];

type Listed = Pick<
  AppListed,
  | 'environment'
  | 'reviewedAt'
  | 'suspendedAt'
  | 'offboardedAt'
  | 'quarantinedAt'
  | 'inReviewSince'
  | 'attestationDueAt'
  | 'ownerName'
  | 'needsCredential'
  | 'credentialEndsAt'
>;

export function listedState({
  environment,
  reviewedAt,
  suspendedAt,
  offboardedAt,
  quarantinedAt,
  inReviewSince,
}: Listed): StateKey {
  if (offboardedAt !== null) return 'offboarded';
  if (suspendedAt !== null) return 'suspended';
  if (quarantinedAt !== null && (environment === 'sandbox' || reviewedAt !== null)) return 'quarantined';
  if (environment === 'sandbox') return 'sandbox';
  if (reviewedAt !== null) return 'production';
  return inReviewSince === null ? 'draft' : 'in-review';
}

export function recordState(app: AppRecord): StateKey {
  if (app.offboardedAt !== null) return 'offboarded';
  if (app.suspendedAt !== null) return 'suspended';
  if (app.environment === 'production' && app.reviewedAt === null) {
    if (app.review === null) return 'draft';
    if (app.review.closedAt === null) return 'in-review';
    if (app.review.outcome === 'refused') return 'refused';
    return app.review.outcome === 'changes_asked' ? 'changes-asked' : 'draft';
  }
  if (app.standing !== null) return 'stopped';
  return app.quarantinedAt === null ? app.environment : 'quarantined';
}

/** What somebody should look at. */
export type Attention =
  | 'no-owner'
  | 'attestation-overdue'
  | 'attestation-soon'
  | 'credential-none'
  | 'credential-soon'
  | 'update-in-review';

export function attentionsOf(app: Listed, now: Date): Attention[] {
  if (app.offboardedAt !== null) return [];
  const until = (end: Date | null) => (end === null ? Number.POSITIVE_INFINITY : daysBetween(now, end));
  const left = until(app.attestationDueAt);
  const keyed = app.needsCredential ? until(app.credentialEndsAt ?? now) : Number.POSITIVE_INFINITY;
  const found: readonly (Attention | false)[] = [
    app.ownerName === null && 'no-owner',
    left <= 0 && 'attestation-overdue',
    left > 0 && left <= SOON_DAYS && 'attestation-soon',
    keyed <= 0 && 'credential-none',
    keyed > 0 && keyed <= SOON_DAYS && 'credential-soon',
    app.reviewedAt !== null && app.inReviewSince !== null && 'update-in-review',
  ];
  return found.filter((one) => one !== false);
}
