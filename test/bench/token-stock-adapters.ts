// The adapters that people write for oidc-provider, whole: a Map, and one table through pg.
import type { AdapterConstructor, AdapterPayload } from 'oidc-provider';
import pg from 'pg';

const seconds = () => Math.floor(Date.now() / 1_000);

export function wholeMapAdapter(): AdapterConstructor {
  const kept = new Map<string, AdapterPayload>();
  const under = new Map<string, string[]>();
  return class {
    constructor(readonly model: string) {}

    async upsert(id: string, payload: AdapterPayload) {
      const key = `${this.model}:${id}`;
      kept.set(key, payload);
      if (payload.uid !== undefined) kept.set(`uid:${payload.uid}`, payload);
      if (payload.grantId === undefined || this.model === 'Interaction') return;
      const keys = under.get(payload.grantId) ?? [];
      under.set(payload.grantId, keys);
      keys.push(key);
    }

    async find(id: string) {
      return kept.get(`${this.model}:${id}`);
    }

    async findByUid(uid: string) {
      return kept.get(`uid:${uid}`);
    }

    async consume(id: string) {
      const payload = kept.get(`${this.model}:${id}`);
      if (payload !== undefined) payload.consumed = seconds();
    }

    async destroy(id: string) {
      kept.delete(`${this.model}:${id}`);
    }

    async revokeByGrantId(grantId: string) {
      for (const key of under.get(grantId) ?? []) kept.delete(key);
      under.delete(grantId);
    }
  } as unknown as AdapterConstructor;
}

const TABLE = `
  CREATE TABLE whole_payload (model text NOT NULL, id text NOT NULL, payload jsonb NOT NULL, grant_id text, uid text,
    expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (model, id));
  CREATE INDEX ON whole_payload (grant_id);
  CREATE INDEX ON whole_payload (uid)`;
const UPSERT = `
  INSERT INTO whole_payload VALUES ($1, $2, $3::jsonb, $4, $5, now() + $6 * interval '1 second', NULL)
  ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
    expires_at = excluded.expires_at`;
const COLUMNS = 'SELECT payload, expires_at, consumed_at FROM whole_payload WHERE model = $1';

interface Row {
  readonly payload: AdapterPayload;
  readonly expires_at: Date | null;
  readonly consumed_at: Date | null;
}

function live(row: Row | undefined): AdapterPayload | undefined {
  if (row === undefined || (row.expires_at !== null && row.expires_at < new Date())) return undefined;
  const { payload, consumed_at: at } = row;
  return at === null ? payload : { ...payload, consumed: Math.floor(at.getTime() / 1_000) };
}

export async function wholePgAdapter(url: string): Promise<AdapterConstructor> {
  const pool = new pg.Pool({ connectionString: url });
  await pool.query(TABLE);
  // Prepared, as the fastest of them are.
  const ask = async (name: string, text: string, values: unknown[]) =>
    (await pool.query<Row>({ name, text, values })).rows[0];
  return class {
    constructor(readonly model: string) {}

    async upsert(id: string, payload: AdapterPayload, expiresIn?: number) {
      const values = [this.model, id, JSON.stringify(payload), payload.grantId, payload.uid, expiresIn];
      await ask('upsert', UPSERT, values);
    }

    async find(id: string) {
      return live(await ask('find', `${COLUMNS} AND id = $2`, [this.model, id]));
    }

    async findByUid(uid: string) {
      return live(await ask('uid', `${COLUMNS} AND uid = $2`, [this.model, uid]));
    }

    async consume(id: string) {
      const text = 'UPDATE whole_payload SET consumed_at = now() WHERE model = $1 AND id = $2';
      await ask('consume', text, [this.model, id]);
    }

    async destroy(id: string) {
      await ask('destroy', 'DELETE FROM whole_payload WHERE model = $1 AND id = $2', [this.model, id]);
    }

    async revokeByGrantId(grantId: string) {
      await ask('revoke', 'DELETE FROM whole_payload WHERE model = $1 AND grant_id = $2', [
        this.model,
        grantId,
      ]);
    }
  } as unknown as AdapterConstructor;
}
