// The consents that stand: of a few apps many thousands, all of which are counted.
import { sqlNow } from './clock.ts';
import { APP_CUT_OFF, LAST_OF_KINDS, OLDER_THAN_NONE } from './cut-offs.ts';

/**
 * Whether d (consent) opens anything to a (app) at an instant, cut-offs apart: it was given to the organization, was not
 * withdrawn and does not wait, and who decided for somebody may do so.
 */
export const consentStands = (at: string): string => `d.organization_id = a.organization_id
    AND d.decided_at <= ${at} AND d.live_until > ${at} AND (d.withdrawn_at IS NULL OR d.withdrawn_at > ${at})
    AND d.paused_at IS NULL
    AND (d.representation_id IS NULL OR EXISTS (SELECT FROM representation r WHERE r.id = d.representation_id
      AND r.starts_at <= ${at} AND (r.ends_at IS NULL OR r.ends_at > ${at}) AND (r.ended_at IS NULL OR r.ended_at > ${at})))`;

export const GIVEN = consentStands(sqlNow(1));

/** The common tables of STANDING, of apps a that a condition names. */
export const standingOf = (apps: string): string => `${LAST_OF_KINDS},
  asked AS MATERIALIZED (SELECT a.id, a.organization_id, ${APP_CUT_OFF} AS cut_off FROM app a WHERE ${apps})`;

// The planner takes conditions for independent and would expect one row of tens of thousands, and sort them; of a CASE it
// expects half.
/** The consents d that stand, each with its app a. $1 is the offset of the clock. */
export const STANDING = `asked a JOIN consent d ON d.app_id = a.id
    AND CASE WHEN ${GIVEN} THEN coalesce(d.clock >= a.cut_off, true) AND ${OLDER_THAN_NONE} ELSE false END`;
