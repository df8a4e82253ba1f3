// The provider's memory. Bearer ids are kept as SHA-256 only; expiry is judged by database time. What many requests do
// at once is one statement.
import { hash } from 'node:crypto';
import { batched, columns, distinct, firstOfEach, inOrder } from './batched.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** What the provider hands over: times in seconds since the epoch. */
export interface Payload extends Record<string, unknown> {
  readonly jti?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly uid?: string;
  readonly grantId?: string;
  readonly clientId?: string;
  readonly accountId?: string;
}

export interface StoredPayload {
  readonly payload: Payload;
  readonly consumedAt: Date | null;
}

interface Key {
  readonly model: string;
  /** The hash of a bearer id, or a uid. */
  readonly key: string;
}

/** Of something that may happen only once. */
export interface Use extends Key {
  readonly expiresIn: number;
}

interface Saved extends Use {
  readonly id: string;
  readonly payload: Payload;
}

export const keyOf = (id: string): string => hash('sha256', id, 'base64url');
export const nameOf = ({ model, key }: Key): string => `${model} ${key}`;
const keyColumns = (items: readonly Key[]) =>
  columns(
    items,
    (item) => item.model,
    (item) => item.key,
  );

// A payload that was revoked stays so: a late save of the same id must not bring it back.
const UPSERT = `
  INSERT INTO oidc_payload (model, id, payload, uid, grant_id, client_id, account_id, issued_at, expires_at)
  SELECT i.model, i.id, i.payload::jsonb, i.uid, i.grant_id, i.client_id, i.account_id,
    ${sqlNow(9)}, ${sqlNow(9)} + i.seconds * interval '1 second'
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[])
    AS i (model, id, payload, uid, grant_id, client_id, account_id, seconds)
  ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, uid = excluded.uid, grant_id = excluded.grant_id,
    client_id = excluded.client_id, account_id = excluded.account_id, expires_at = excluded.expires_at
  WHERE oidc_payload.revoked_at IS NULL`;

// What counts is that it is there.
const INSERT = `
  INSERT INTO oidc_payload (model, id, payload, issued_at, expires_at)
  SELECT i.model, i.id, '{}', ${sqlNow(4)}, ${sqlNow(4)} + i.seconds * interval '1 second'
  FROM unnest($1::text[], $2::text[], $3::float8[]) AS i (model, id, seconds)
  ON CONFLICT DO NOTHING RETURNING model, id AS key`;

export const live = (offset: number): string =>
  `p.revoked_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > ${sqlNow(offset)})`;

// By index, whatever the planner thinks of how many there are.
const findBy = (column: string) => `
  SELECT i.n::int, f.payload, f.consumed_at AS "consumedAt"
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS i (model, key, n)
  CROSS JOIN LATERAL (
    SELECT p.payload, p.consumed_at FROM oidc_payload p
    WHERE p.model = i.model AND p.${column} = i.key AND ${live(3)} LIMIT 1) f`;
const [FIND, FIND_BY_UID] = [findBy('id'), findBy('uid')];

const mark = (column: string, condition: string) => `
  UPDATE oidc_payload p SET ${column} = ${sqlNow(3)}
  FROM unnest($1::text[], $2::text[]) AS i (model, id)
  WHERE p.model = i.model AND p.id = i.id AND ${condition}
  RETURNING p.model, p.id AS key`;
const CONSUME = mark('consumed_at', `p.consumed_at IS NULL AND ${live(3)}`);
const REVOKE = mark('revoked_at', 'p.revoked_at IS NULL');

function savedColumns(items: readonly Saved[]): unknown[][] {
  // The id of a Grant is no bearer value: it is what all that is issued under it, and the consent, point to.
  // An interaction names an earlier one only: the request goes on when that ends.
  const under = ({ model, id, payload }: Saved) => {
    if (model === 'Grant') return id;
    return model === 'Interaction' ? undefined : payload.grantId;
  };
  return [
    ...keyColumns(items),
    ...columns(
      items,
      (item) => JSON.stringify(item.payload),
      (item) => item.payload.uid,
      under,
      (item) => item.payload.clientId,
      (item) => item.payload.accountId,
      (item) => item.expiresIn,
    ),
  ];
}

const save = batched<Saved, undefined>(async (store, items) => {
  // What is saved last stays.
  const last = distinct([...items].reverse(), nameOf);
  await store.sql(UPSERT, [...savedColumns(last), store.clock.offsetMs]);
  return items.map(() => undefined);
});

const insert = batched<Use, boolean>(async (store, items) => {
  const first = distinct(items, nameOf);
  const parameters = [
    ...keyColumns(first),
    ...columns(first, (item) => item.expiresIn),
    store.clock.offsetMs,
  ];
  return firstOfEach(items, nameOf, (await store.sql<Key>(INSERT, parameters)).map(nameOf));
});

const finding = (statement: string) =>
  batched<Key, StoredPayload | undefined>(async (store, items) => {
    const parameters = [...keyColumns(items), store.clock.offsetMs];
    return inOrder(items, await store.read<StoredPayload & { readonly n: number }>(statement, parameters));
  });
const [find, findByUid] = [finding(FIND), finding(FIND_BY_UID)];

const marking = (statement: string) =>
  batched<Key, boolean>(async (store, items) => {
    const parameters = [...keyColumns(distinct(items, nameOf)), store.clock.offsetMs];
    return firstOfEach(items, nameOf, (await store.sql<Key>(statement, parameters)).map(nameOf));
  });
const [consume, revoke] = [marking(CONSUME), marking(REVOKE)];

export async function savePayload(
  store: Store,
  model: string,
  id: string,
  payload: Payload,
  expiresIn: number,
): Promise<void> {
  await save(store, { model, key: keyOf(id), id, payload, expiresIn });
}

/** False when it was there already: for what may happen only once (RFC 7523 §3, jti). */
export const recordUse = (store: Store, model: string, id: string, expiresIn: number): Promise<boolean> =>
  insert(store, { model, key: keyOf(id), expiresIn });

export const findPayload = (store: Store, model: string, id: string): Promise<StoredPayload | undefined> =>
  find(store, { model, key: keyOf(id) });

export const findPayloadByUid = (
  store: Store,
  model: string,
  uid: string,
): Promise<StoredPayload | undefined> => findByUid(store, { model, key: uid });

/** True for exactly one caller: the update is conditional and the database decides. */
export const consumePayload = (store: Store, model: string, id: string): Promise<boolean> =>
  consume(store, { model, key: keyOf(id) });

/** True for the caller that ended it. */
export const revokePayload = (store: Store, model: string, id: string): Promise<boolean> =>
  revoke(store, { model, key: keyOf(id) });
