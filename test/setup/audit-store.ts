// A database with events of its own, a key that seals them, and a superuser who can do what triggers refuse.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { sealEvents } from '../../src/audit/seal.ts';
import { type Verification, type Verified, verifyAudit } from '../../src/audit/verify.ts';
import { createSigner, readSigningKeys } from '../../src/provider/keys.ts';
import { appendAuditEvent } from '../../src/store/audit-events.ts';
import type { SealRow } from '../../src/store/audit-seals.ts';
import { openStore, type Store } from '../../src/store/database.ts';
import { connect, createDatabase } from './database.ts';
import { copyEmbeddedTemplate } from './embedded-template.ts';
import { settled } from './settled.ts';
import type { DatabaseKind } from './world.ts';

export const AUDIT_ISSUER = 'https://postern.test';
const SECRET = 'a secret of the tests, which is long enough';

export interface AuditStore {
  readonly store: Store;
  readonly keys: readonly JWK[];
  /** PostgreSQL's. */
  readonly url: string | undefined;
  /** As many events, each in a transaction of its own, but for the last three. */
  append(count: number): Promise<void>;
  seal(limit?: number): Promise<SealRow[]>;
  verify(asked?: Verification): Promise<Verified>;
  /** Without triggers. */
  tamper(sql: string): Promise<void>;
  stop(): Promise<void>;
}

export async function createAuditStore(kind: DatabaseKind): Promise<AuditStore> {
  const directory = await mkdtemp(join(tmpdir(), 'postern-audit-'));
  const database = kind === 'postgresql' ? await createDatabase() : undefined;
  if (database === undefined) await copyEmbeddedTemplate(directory);
  const store = await openStore(
    database === undefined ? { kind: 'embedded', directory } : { kind: 'postgresql', url: database.url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const keys = await readSigningKeys(store, SECRET);
  const sealing = { store, issuer: AUDIT_ISSUER, sign: createSigner(keys) };
  return {
    ...{ store, keys, url: database?.url },
    append: async (count) => {
      const event = (n: number) => ({
        type: 'token.issued' as const,
        ...{ appId: 'an-app', organizationId: 'an-organization', contractId: 'a-contract' },
        ...{ accountId: 'an-account', patientId: `patient-${n}`, grantId: 'a-grant', purpose: 'PATRQT' },
        ...{ resourceServerId: 'a-server', resource: 'Observation/1', reason: 'token_expired' as const },
        detail: { kind: 'AccessToken', scope: `patient/*.rs "ä" ${n}`, audience: 'a', expiresAt: 'b' },
      });
      for (let n = 0; n < count - 3; n += 1) await appendAuditEvent(store.prisma, event(n), `request-${n}`);
      await store.prisma.$transaction(async (tx) => {
        for (const n of [1, 2, 3]) await appendAuditEvent(tx, event(count + n), 'request-of-three');
      });
    },
    seal: async (limit) => {
      await settled(store);
      const seals: SealRow[] = [];
      for await (const seal of sealEvents(sealing, limit)) seals.push(seal);
      return seals;
    },
    verify: (asked) => verifyAudit({ store, issuer: AUDIT_ISSUER, keys }, asked),
    tamper: async (sql) => {
      const statements = `SET session_replication_role = replica; ${sql}; SET session_replication_role = origin`;
      if (database === undefined) {
        for (const statement of statements.split('; ')) await store.sql(statement, []);
        return;
      }
      const { session, close } = await connect(database.url);
      await session.exec(statements).finally(close);
    },
    stop: async () => {
      await store.close();
      await database?.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
