// What an app may not do until somebody lifts it: less than a suspension. Narrowed scopes stop at the next request,
// everywhere; in quarantine nothing new is issued, and what was issued runs out; stepped up, the people who use it must sign in again; without people it is a quarantine.
import { type Actor, authorOf } from '../policy/permissions.ts';
import { holdAppRow } from '../store/app-records.ts';
import type { Transaction } from '../store/database.ts';
import {
  findRestrictionRow,
  insertRestriction,
  type RestrictionKind,
  updateRestrictionLifted,
} from '../store/restrictions.ts';
import { noteQuarantinedPlatform } from '../store/unusable-apps.ts';
import { fromTo, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { announce } from './notices.ts';

export { RESTRICTION_KINDS, type RestrictionKind, type RestrictionRow } from '../store/restrictions.ts';

export interface Restricting {
  readonly appId: string;
  readonly kind: RestrictionKind;
  /** Of a narrowing: which scopes stop, separated by spaces. */
  readonly scopes?: string;
  /** Of a quarantine: this credential alone. */
  readonly keyId?: string;
  /** Those who answer for the app read it. */
  readonly reason: string;
  readonly findingId?: string;
  readonly by: Actor;
}

type Deps = Pick<RegistryDeps, 'store'>;

/** In the transaction of its cause. Undefined: it holds already, or the app is not there any more. */
export async function restrictApp(
  tx: Transaction,
  { store }: Deps,
  { appId, kind, scopes = '', keyId, reason, findingId, by }: Restricting,
): Promise<string | undefined> {
  const app = await holdAppRow(tx, appId);
  if (app === null || app.offboardedAt !== null) return undefined;
  const stopped =
    kind === 'narrow' ? [...new Set(scopes.split(' ').filter((name) => name !== ''))].sort() : [];
  const id = await insertRestriction(tx, store, {
    ...{ appId, kind, scopes: stopped, keyId: keyId ?? null, reason },
    ...{ findingId: findingId ?? null, madeBy: authorOf(by) },
  });
  if (id === undefined) return undefined;
  const about = { appId, organizationId: app.organizationId };
  const subject = {
    ...(keyId === undefined ? {} : { keyId }),
    ...(findingId === undefined ? {} : { findingId }),
  };
  const detail = { restrictionId: id, kind, scopes: stopped, ...subject, reason };
  await record(tx, by, { type: 'app.restricted', ...about, detail });
  const values = { kind, scopes: stopped.join(' '), key: keyId ?? '', reason };
  await announce(tx, { type: `app.restricted.${keyId === undefined ? kind : 'key'}`, ...about, values });
  return id;
}

export interface Lifting {
  readonly restrictionId: string;
  readonly reason: string;
  readonly by: Actor;
}

/** False: it was lifted before. */
export async function liftRestriction(
  tx: Transaction,
  { store }: Deps,
  { restrictionId, reason, by }: Lifting,
): Promise<boolean> {
  const row = await findRestrictionRow(tx, restrictionId);
  if (row === null) return false;
  const app = await holdAppRow(tx, row.appId);
  await noteQuarantinedPlatform(tx, store, row.appId);
  if (!(await updateRestrictionLifted(tx, store, { id: restrictionId, by: authorOf(by), reason })))
    return false;
  const about = { appId: row.appId, organizationId: app?.organizationId ?? '' };
  const detail = { restrictionId, kind: row.kind, ...fromTo('in_force', 'lifted'), reason };
  await record(tx, by, { type: 'app.restriction_lifted', ...about, detail });
  const values = { kind: row.kind, scopes: row.scopes.join(' '), reason };
  await announce(tx, { type: 'app.restriction_lifted', ...about, values });
  return true;
}
