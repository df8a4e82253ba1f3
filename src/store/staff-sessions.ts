import type { EmploymentFacts } from '../policy/employment.ts';
import { isOversight, type Role, roles } from '../policy/permissions.ts';
import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { sha256Hex } from './hash.ts';

const LIFETIME = "interval '12 hours'";
const IDLE = "interval '1 hour'";
const NEVER = new Date(0);
const SEEN_EVERY = "interval '1 minute'";

/** What ends with an OpenID provider: the sessions that began there. */
const PROVIDER = 'LEFT JOIN staff_provider v ON v.id = s.provider_id AND v.ended_at IS NULL';
const isLive = (now: string) =>
  `(s.provider_id IS NULL OR v.id IS NOT NULL) AND s.ended_at IS NULL AND s.expires_at > ${now} AND s.seen_at > ${now} - ${IDLE}`;

interface StaffSessionRow extends EmploymentFacts {
  readonly personId: string;
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  /** When she last showed her passkey; 1970: not in this session, which began at a provider. */
  readonly verifiedAt: Date;
  readonly createdAt: Date;
  /** The OpenID provider of her organization where it began. */
  readonly providerId: string | null;
  /** Whether that speaks for those who oversee. */
  readonly coversOversight: boolean | null;
  /** When it was last seen is out of date. */
  readonly stale: boolean;
  readonly roles: readonly string[];
}

export interface StaffSession extends Omit<StaffSessionRow, 'roles' | 'stale' | 'coversOversight'> {
  readonly roles: readonly Role[];
}

/** A live session, its person as she is now, and the roles that she holds now. */
export async function findStaffSession(store: Store, token: string): Promise<StaffSession | undefined> {
  const now = sqlNow(2);
  const [row] = await store.sql<StaffSessionRow>(
    `SELECT p.id AS "personId", p.name, o.id AS "organizationId", o.legal_name AS "organizationName",
       s.verified_at AS "verifiedAt", s.created_at AS "createdAt", s.provider_id AS "providerId",
       v.covers_oversight AS "coversOversight", s.seen_at < ${now} - ${SEEN_EVERY} AS stale, p.left_at AS "leftAt",
       o.suspended_at AS "organizationSuspendedAt", o.offboarded_at AS "organizationOffboardedAt",
       ARRAY(SELECT DISTINCT r.role FROM person_role r WHERE r.person_id = p.id AND r.granted_at <= ${now}
         AND (r.ended_at IS NULL OR r.ended_at > ${now})) AS roles
     FROM staff_session s JOIN person p ON p.id = s.person_id JOIN organization o ON o.id = p.organization_id
       ${PROVIDER}
     WHERE s.id = $1 AND ${isLive(now)}`,
    [sha256Hex(token), store.clock.offsetMs],
  );
  if (row === undefined) return undefined;
  if (row.stale) {
    await store.sql(
      `UPDATE staff_session SET seen_at = ${now}
       WHERE id = $1 AND ended_at IS NULL AND seen_at < ${now} - ${SEEN_EVERY}`,
      [sha256Hex(token), store.clock.offsetMs],
    );
  }
  const { coversOversight, ...session } = row;
  // What an owner registered opens nothing of those who oversee, whatever role was given since.
  const opens = (role: Role) => coversOversight !== false || row.verifiedAt > NEVER || !isOversight(role);
  return { ...session, roles: roles.filter((role) => row.roles.includes(role) && opens(role)) };
}

interface NewStaffSession {
  readonly token: string;
  readonly before: string | undefined;
  readonly personId: string;
  readonly providerId?: string | null;
}

/** Begins a session, and ends the one that the browser had before. Without a passkey none was shown in it. */
export async function beginStaffSession(
  store: Store,
  { token, before, personId, providerId = null }: NewStaffSession,
): Promise<void> {
  const now = sqlNow(4);
  const shown = providerId === null ? now : 'to_timestamp(0)';
  await store.sql(
    `WITH earlier AS (UPDATE staff_session SET ended_at = ${now} WHERE id = $3 AND ended_at IS NULL)
     INSERT INTO staff_session (id, person_id, created_at, seen_at, verified_at, expires_at, provider_id)
     VALUES ($1, $2, ${now}, ${now}, ${shown}, ${now} + ${LIFETIME}, $5)`,
    [
      ...[sha256Hex(token), personId, before === undefined ? null : sha256Hex(before)],
      ...[store.clock.offsetMs, providerId],
    ],
  );
}

/** The person has shown her passkey again; another's session is not hers to freshen. */
export async function freshenStaffSession(store: Store, token: string, personId: string): Promise<void> {
  await store.sql(
    `UPDATE staff_session SET verified_at = ${sqlNow(3)}
     WHERE id = $1 AND person_id = $2 AND ended_at IS NULL`,
    [sha256Hex(token), personId, store.clock.offsetMs],
  );
}

/** When the person last showed her passkey in a session that is live; undefined: not in these minutes. */
export async function lastPasskeyShown(
  store: Store,
  personId: string,
  minutes: number,
): Promise<Date | undefined> {
  const now = sqlNow(3);
  const [row] = await store.sql<{ readonly at: Date | null }>(
    `SELECT max(s.verified_at) AS at FROM staff_session s ${PROVIDER}
     WHERE s.person_id = $1 AND ${isLive(now)} AND s.verified_at > ${now} - make_interval(mins => $2)`,
    [personId, minutes, store.clock.offsetMs],
  );
  return row?.at ?? undefined;
}

/** Ends a session with its event, once. */
export async function endStaffSession(store: Store, token: string, requestId?: string): Promise<void> {
  const id = sha256Hex(token);
  await store.prisma.$transaction(async (tx) => {
    const { count } = await tx.staffSession.updateMany({
      where: { id, endedAt: null },
      data: { endedAt: new Date() },
    });
    if (count === 0) return;
    const { person } = await tx.staffSession.findUniqueOrThrow({ where: { id }, include: { person: true } });
    const about = { accountId: person.id, organizationId: person.organizationId };
    await appendAuditEvent(tx, { type: 'person.signed_out', ...about }, requestId);
  });
}
