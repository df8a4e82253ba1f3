// The jti of who asks at introspection (RFC 7523 §3), over the connections that introspection has for itself.
import { batched, columns, distinct, firstOfEach } from './batched.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { keyOf } from './oidc-payloads.ts';

interface Use {
  readonly key: string;
  readonly expiresIn: number;
}

const INSERT = `
  INSERT INTO oidc_payload (model, id, payload, issued_at, expires_at)
  SELECT 'ReplayDetection', i.id, '{}', ${sqlNow(3)}, ${sqlNow(3)} + i.seconds * interval '1 second'
  FROM unnest($1::text[], $2::float8[]) AS i (id, seconds)
  ON CONFLICT DO NOTHING RETURNING id`;

const nameOf = ({ key }: Use) => key;

const insert = batched<Use, boolean>(async (store, uses) => {
  const first = distinct(uses, nameOf);
  const parameters = [...columns(first, nameOf, ({ expiresIn }) => expiresIn), store.clock.offsetMs];
  const rows = await store.hot<readonly [id: string]>(INSERT, parameters);
  return firstOfEach(
    uses,
    nameOf,
    rows.map(([id]) => id),
  );
});

/** True for one of several uses of one assertion: the insert decides. */
export const recordAssertionUse = (store: Store, name: string, expiresIn: number): Promise<boolean> =>
  insert(store, { key: keyOf(name), expiresIn });
