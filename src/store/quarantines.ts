// When an app is in quarantine, in SQL: as a whole, not where one of its keys is; with its platform; and where people would
// have to sign in anew to an app that has none.
import { PLATFORM_OF } from './delegations.ts';

const OF_WHOLE = `q.key_id IS NULL
        AND (q.kind = 'quarantine' OR (q.kind = 'step_up' AND NOT 'authorization_code' = ANY (v.grant_types)))`;

const heldSince = (apps: string): string => `(SELECT min(q.made_at) FROM app_restriction q
      WHERE q.app_id IN (${apps}) AND q.lifted_at IS NULL AND ${OF_WHOLE})`;

/** Since when an app a, whose revision in force is v, gets nothing new; NULL: it is not in quarantine. */
export const QUARANTINED_AT = heldSince(`a.id, ${PLATFORM_OF('a.id')}`);

/** The same, of its own quarantine alone, and of that of its platform. */
export const OWN_QUARANTINED_AT = heldSince('a.id');
export const PLATFORM_QUARANTINED_AT = heldSince(PLATFORM_OF('a.id'));

/** The same, looked up only for those that a restriction can concern. */
export const IS_QUARANTINED = `a.id IN (
      SELECT q.app_id FROM app_restriction q WHERE q.lifted_at IS NULL
      UNION SELECT e.app_id FROM delegation e JOIN app_restriction q ON q.app_id = e.platform_id
        WHERE e.accepted_at IS NOT NULL AND e.ended_at IS NULL AND q.lifted_at IS NULL)
    AND ${QUARANTINED_AT} IS NOT NULL`;

/** All its own quarantines, those that were lifted included. */
export const OWN_QUARANTINES = `(SELECT coalesce(json_agg(json_build_object('madeAt', q.made_at, 'liftedAt', q.lifted_at)), '[]')
      FROM app_restriction q WHERE q.app_id = a.id AND ${OF_WHOLE})`;
