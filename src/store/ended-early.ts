// What ends a consent before its own day: of d (consent), a (app) and v (representation), which may be none.
import { GRANT_CUT_AT } from './cut-offs.ts';

/** When the right of who decided was over; NULL: it has no end. */
const REPRESENTATION_OVER = 'least(v.ended_at, v.ends_at)';

/** 45 CFR 164.502(g): a personal representative decides only as long as she is one. */
export const representationIsOver = (now: string): string =>
  `coalesce(${REPRESENTATION_OVER} <= ${now}, false)`;

/** By now, and before it would have ended by itself: the network cut it off, or who decided may decide no more. */
export const hasEndedEarly = (now: string): string => `(
    coalesce(${REPRESENTATION_OVER} < least(${now}, d.live_until), false)
    OR coalesce(${GRANT_CUT_AT} < least(${now}, d.live_until), false))`;
