// The adapters that people write for oidc-provider: a Map, one table through Prisma, one table through pg.
import { PrismaPg } from '@prisma/adapter-pg';
import type { Adapter, AdapterConstructor, AdapterPayload } from 'oidc-provider';
import pg from 'pg';
import { PrismaClient } from '../../src/store/generated/client.ts';
import { connect } from '../setup/database.ts';
import type { StockEntry } from './stock-provider.ts';

type Reader = Pick<Adapter, 'find'>;

/** Introspection only reads: what else an adapter does is not asked for. */
const adapterOf = (reader: (model: string) => Reader): AdapterConstructor =>
  class {
    readonly find: Adapter['find'];
    constructor(model: string) {
      this.find = reader(model).find;
    }
  } as unknown as AdapterConstructor;

export function mapAdapter(entries: readonly StockEntry[]): AdapterConstructor {
  const kept = new Map(
    entries.map(({ model, id, payload }) => [`${model}:${id}`, payload as AdapterPayload]),
  );
  return adapterOf((model) => ({ find: async (id) => kept.get(`${model}:${id}`) }));
}

interface Row {
  readonly payload: unknown;
  readonly expiresAt: Date | null;
  readonly consumedAt: Date | null;
}

function live(row: Row | null | undefined): AdapterPayload | undefined {
  if (!row || (row.expiresAt !== null && row.expiresAt < new Date())) return undefined;
  return { ...(row.payload as AdapterPayload), ...(row.consumedAt === null ? {} : { consumed: true }) };
}

export function prismaAdapter(url: string): AdapterConstructor {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  return adapterOf((model) => ({
    find: async (id) => live(await prisma.oidcPayload.findUnique({ where: { model_id: { model, id } } })),
  }));
}

const FIND = `SELECT payload, expires_at AS "expiresAt", consumed_at AS "consumedAt" FROM stock_payload WHERE model = $1 AND id = $2`;

export function pgAdapter(url: string): AdapterConstructor {
  const pool = new pg.Pool({ connectionString: url });
  return adapterOf((model) => ({
    find: async (id) =>
      live((await pool.query<Row>({ name: 'find', text: FIND, values: [model, id] })).rows[0]),
  }));
}

const TABLES = {
  stock_payload: `
    CREATE TABLE stock_payload (model text NOT NULL, id text NOT NULL, payload jsonb NOT NULL, grant_id text, uid text,
      user_code text, expires_at timestamptz, consumed_at timestamptz, PRIMARY KEY (model, id))`,
  // The table of Postern's own schema, since the Prisma client knows it: it has the columns that everybody's has.
  oidc_payload: '',
};

/** The entries, where prismaAdapter and pgAdapter look for them. */
export async function storeEntries(url: string, entries: readonly StockEntry[]): Promise<void> {
  const { session, close } = await connect(url);
  const column = (of: (entry: StockEntry) => unknown) => entries.map(of);
  const rows = [
    ...[column(({ model }) => model), column(({ id }) => id)],
    ...[column(({ payload }) => JSON.stringify(payload)), column(({ payload }) => payload.grantId ?? null)],
    column(({ expiresIn }) => (expiresIn > 0 ? expiresIn : null)),
  ];
  for (const [table, create] of Object.entries(TABLES)) {
    await session.exec(create);
    await session.query(
      `INSERT INTO ${table} (model, id, payload, grant_id, expires_at)
       SELECT model, id, payload::jsonb, grant_id, now() + seconds * interval '1 second'
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[]) AS e (model, id, payload, grant_id, seconds)`,
      rows,
    );
  }
  await session.exec('VACUUM ANALYZE');
  await close();
}
