// Cut-offs: one write that ends everything issued before it, whatever its number. No clocks of machines are compared: a
// cut-off raises the revocation clock in its own transaction, and an issuer keeps with what it issues the value that it
// read before any fact that it relied on.
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';

export type CutOffKind = 'client' | 'organization' | 'owner' | 'patient' | 'purpose' | 'key';

export interface NewCutOff {
  readonly kind: CutOffKind;
  readonly subjectId: string;
  /** Whether consents, and the codes and refresh tokens under them, end too, or wait. */
  readonly endsGrants: boolean;
  /** The type of the audit event of its cause. */
  readonly cause: string;
}

const RAISE = `UPDATE revocation_clock SET value = value + 1 RETURNING value`;

const CUT = `
  INSERT INTO cut_off (kind, subject_id, tokens_before, grants_before, cut_at, cause)
  VALUES ($1, $2, $3, CASE WHEN $4::boolean THEN $3::bigint END, ${sqlNow(6)}, $5)
  ON CONFLICT (kind, subject_id) DO UPDATE SET tokens_before = excluded.tokens_before,
    grants_before = coalesce(excluded.grants_before, cut_off.grants_before),
    cut_at = excluded.cut_at, cause = excluded.cause`;

/**
 * True on commit. The clock is one row, so that cut-offs follow one another: it is the last that a transaction locks,
 * after the records that it is about.
 */
export async function cutOff(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { kind, subjectId, endsGrants, cause }: NewCutOff,
): Promise<void> {
  const [raised] = await tx.$queryRawUnsafe<{ value: bigint }[]>(RAISE);
  if (raised === undefined) throw new Error('the revocation clock is gone');
  await tx.$executeRawUnsafe(CUT, kind, subjectId, raised.value, endsGrants, cause, clock.offsetMs);
}

/** The revocation clock now; read before the facts that what is issued relies on, or in the same statement. */
export const CLOCK = '(SELECT value::float8 FROM revocation_clock)';

/**
 * What ended the tokens of t (access_token) with m (token_terms) and a (app): null while nothing did. Nothing can have,
 * as long as the clock stands where it stood.
 */
export const TOKENS_CUT_OFF = `
  CASE WHEN t.clock >= (SELECT value FROM revocation_clock) THEN NULL ELSE (
    SELECT max(x.tokens_before)::float8
    FROM (VALUES ('client', a.id), ('organization', a.organization_id), ('owner', a.owner_id),
      ('patient', m.patient_id), ('purpose', m.purpose), ('key', m.key_id)) s (kind, id)
    JOIN cut_off x ON x.kind = s.kind AND x.subject_id = s.id) END`;

/** The same for d (consent), under which codes and refresh tokens stand, and a (app). */
export const GRANTS_CUT_OFF = `
  CASE WHEN d.clock >= (SELECT value FROM revocation_clock) THEN NULL ELSE (
    SELECT max(x.grants_before)::float8
    FROM (VALUES ('client', a.id), ('organization', a.organization_id), ('owner', a.owner_id),
      ('patient', d.patient_id), ('purpose', d.purpose)) s (kind, id)
    JOIN cut_off x ON x.kind = s.kind AND x.subject_id = s.id) END`;
