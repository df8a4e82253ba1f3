// Access records: one row for each token, resource server and minute in which introspection answered "active". It is
// committed before the first answer of that minute; the process remembers what of the minute is there already.
import { batched, columns, distinct } from './batched.ts';
import type { Store } from './database.ts';
import type { IntrospectedToken } from './introspection-facts.ts';

interface Access {
  readonly token: IntrospectedToken;
  readonly resourceServerId: string;
  /** Minutes since the epoch. */
  readonly minute: number;
}

const INSERT = `
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
  SELECT token_id, resource_server_id, to_timestamp(minute * 60), app_id, patient_id, grant_id, purpose
  FROM unnest($1::uuid[], $2::text[], $3::float8[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS i (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
  ON CONFLICT DO NOTHING`;

/** A commit for many: at the turn of the minute each token that is asked about has its first answer. */
const FULLER = { minBeside: 32 } as const;

const insert = batched<Access, undefined>(async (store, accesses) => {
  const rows = distinct(
    accesses,
    ({ token, resourceServerId, minute }) => `${token.id} ${resourceServerId} ${minute}`,
  );
  const parameters = columns(
    rows,
    ({ token }) => token.id,
    (row) => row.resourceServerId,
    (row) => row.minute,
    ({ token }) => token.clientId,
    ({ token }) => token.patientId,
    ({ token }) => token.grantId,
    ({ token }) => token.purpose,
  );
  await store.hot(INSERT, parameters);
  return accesses.map(() => undefined);
}, FULLER);

const MINUTE_MS = 60_000;
const REMEMBERED_MAX = 100_000;

/** What of a minute is there: tokens by resource server. */
interface Written {
  readonly minute: number;
  readonly tokens: Map<string, Set<string>>;
}

const written = new WeakMap<Store, Written>();

/** Undefined: it is there. The minute is the database's, of the snapshot in which the token was found. */
export function recordAccess(
  store: Store,
  token: IntrospectedToken,
  resourceServerId: string,
): Promise<void> | undefined {
  const minute = Math.floor(token.now.getTime() / MINUTE_MS);
  const known = written.get(store);
  if (known?.minute === minute && known.tokens.get(resourceServerId)?.has(token.id)) return undefined;
  const access = { token, resourceServerId, minute };
  return insert(store, access).then(() => remember(store, access));
}

function remember(store: Store, { token, resourceServerId, minute }: Access): void {
  const known = written.get(store);
  // Of a minute that is over nobody asks again.
  if (known !== undefined && minute < known.minute) return;
  let tokens = known?.minute === minute ? known.tokens : undefined;
  if (tokens === undefined) {
    tokens = new Map();
    written.set(store, { minute, tokens });
  }
  const ofServer = tokens.get(resourceServerId);
  if (ofServer === undefined || ofServer.size >= REMEMBERED_MAX)
    tokens.set(resourceServerId, new Set([token.id]));
  else ofServer.add(token.id);
}
