// What apps may not do until it is lifted. A narrowing stops scopes (store/standing-columns); a quarantine stops what an app
// asks for anew (store/apps); both are read with the app, with no statement of their own.
import { randomUUID } from 'node:crypto';
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';
import type { AppRestriction } from './generated/client.ts';

export const RESTRICTION_KINDS = ['narrow', 'quarantine', 'step_up'] as const;
export type RestrictionKind = (typeof RESTRICTION_KINDS)[number];

export interface RestrictionRow extends Omit<AppRestriction, 'kind'> {
  readonly kind: RestrictionKind;
}

export interface NewRestriction {
  readonly appId: string;
  readonly kind: RestrictionKind;
  readonly scopes: readonly string[];
  readonly keyId: string | null;
  readonly reason: string;
  readonly findingId: string | null;
  readonly madeBy: string;
}

const MAKE = `
  INSERT INTO app_restriction (id, app_id, kind, scopes, key_id, reason, finding_id, made_by, made_at)
  VALUES ($1, $2, $3, $4::text[], $5, $6, $7, $8, ${sqlNow(9)}) ON CONFLICT DO NOTHING RETURNING id`;

/** Undefined: it holds already. */
export async function insertRestriction(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { appId, kind, scopes, keyId, reason, findingId, madeBy }: NewRestriction,
): Promise<string | undefined> {
  const parameters = [randomUUID(), appId, kind, [...scopes], keyId, reason, findingId, madeBy];
  const [row] = await tx.$queryRawUnsafe<{ id: string }[]>(MAKE, ...parameters, clock.offsetMs);
  return row?.id;
}

const LIFT = `
  UPDATE app_restriction SET lifted_at = ${sqlNow(4)}, lifted_by = $2, lift_reason = $3
  WHERE id = $1 AND lifted_at IS NULL RETURNING id`;

/** False: it was lifted before. */
export async function updateRestrictionLifted(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { id, by, reason }: { readonly id: string; readonly by: string; readonly reason: string },
): Promise<boolean> {
  return (await tx.$queryRawUnsafe<object[]>(LIFT, id, by, reason, clock.offsetMs)).length > 0;
}

/** The last one first. */
export async function listRestrictionRows(
  db: Db,
  about: { readonly appId?: string; readonly findingId?: string; readonly liftedAt?: null },
): Promise<RestrictionRow[]> {
  const orderBy = [{ madeAt: 'desc' as const }, { id: 'asc' as const }];
  return (await db.appRestriction.findMany({ where: about, orderBy, take: 200 })) as RestrictionRow[];
}

/** With the kind of the finding that it rests on, and the name of the person who laid it. */
export interface NamedRestriction extends RestrictionRow {
  readonly rule: string | null;
  readonly madeByName: string | null;
}

/** The last one first. */
export async function listNamedRestrictions(
  db: Db,
  about: { readonly appId: string; readonly liftedAt?: null },
): Promise<NamedRestriction[]> {
  const rows = await db.appRestriction.findMany({
    ...{ where: about, orderBy: [{ madeAt: 'desc' }, { id: 'asc' }], take: 200 },
    include: { finding: { select: { kind: true } } },
  });
  const people = await db.person.findMany({
    ...{ where: { id: { in: rows.map(({ madeBy }) => madeBy) } }, select: { id: true, name: true } },
  });
  const names = new Map(people.map(({ id, name }) => [id, name]));
  return rows.map(({ finding, ...row }) => ({
    ...(row as RestrictionRow),
    rule: finding?.kind ?? null,
    madeByName: names.get(row.madeBy) ?? null,
  }));
}

/** What of a platform holds for the apps behind it, the last one first. */
export async function listPlatformHolds(db: Db, platformId: string): Promise<PlatformHold[]> {
  const kinds = RESTRICTION_KINDS.filter((kind) => kind !== 'narrow');
  const rows = await db.appRestriction.findMany({
    where: { appId: platformId, keyId: null, liftedAt: null, kind: { in: kinds } },
    ...{ orderBy: [{ madeAt: 'desc' }, { id: 'asc' }], select: { kind: true, madeAt: true } },
  });
  return rows as PlatformHold[];
}

export interface PlatformHold {
  readonly kind: Exclude<RestrictionKind, 'narrow'>;
  readonly madeAt: Date;
}

export async function findRestrictionRow(db: Db, id: string): Promise<RestrictionRow | null> {
  return (await db.appRestriction.findUnique({ where: { id } })) as RestrictionRow | null;
}
