// The server as a role that owns nothing, with the grants of docs/audit.md: it works, and it cannot change the audit. What
// is kept of its story is complete, holds nothing that could be used, is forwarded, and can be verified and exported.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRestrictedWorld, type RestrictedWorld } from '../setup/restricted-world.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { leavingStories } from './audit-leaving.ts';

let of: RestrictedWorld;

beforeAll(async () => {
  of = await createRestrictedWorld();
});
afterAll(() => of.stop());

test.each([
  `UPDATE audit_event SET reason = 'nothing happened'`,
  'DELETE FROM audit_event',
  'TRUNCATE audit_event',
  'DROP TABLE audit_event',
  'ALTER TABLE audit_event DISABLE TRIGGER ALL',
  `UPDATE partition.audit_event_default SET reason = ''`,
  'DELETE FROM partition.audit_event_default',
  'DROP TABLE partition.audit_event_default',
  'ALTER TABLE audit_event DETACH PARTITION partition.audit_event_default',
  `INSERT INTO audit_event (xid, type, detail) VALUES (1, 'consent.granted', '{}')`,
  `INSERT INTO audit_event (id, type, detail) VALUES (1, 'consent.granted', '{}')`,
  `INSERT INTO partition.audit_event_default (type, detail) VALUES ('consent.granted', '{}')`,
  'UPDATE audit_seal SET events = 0',
  'DELETE FROM audit_seal',
  'DROP FUNCTION audit_event_drop_month(timestamptz)',
  `SELECT audit_event_drop_month(now() - interval '6 years')`,
  'SELECT audit_event_resume()',
  `SET session_replication_role = replica`,
])('the role of the server may not: %s', async (statement) => {
  await expect(of.world.store.sql(statement, [])).rejects.toMatchObject({ code: '42501' });
});

test('it may make the months to come', async () => {
  const [row] = await of.world.store.sql(
    `SELECT audit_event_add_month(now() + interval '9 months') AS made`,
    [],
  );
  expect(row).toEqual({ made: true });
});

test('and none that began before this era, which has the same number', async () => {
  const before = `(to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ' BC')::timestamptz`;
  const [row] = await of.world.store.sql(`SELECT audit_event_drop_month(${before}) AS dropped`, []);
  expect(row).toEqual({ dropped: false });
  const kept = `SELECT to_regclass('partition.' || audit_event_month(now())) IS NOT NULL AS kept`;
  expect(await of.world.store.sql(kept, [])).toEqual([{ kept: true }]);
});

test('whatever is known of who, for whom and under which contract stands in each event', async () => {
  const events = await of.world.store.prisma.auditEvent.findMany({ orderBy: { id: 'asc' } });
  const apps = new Map((await of.world.store.prisma.app.findMany()).map((app) => [app.id, app]));
  const bySystem = (type: string) =>
    /^(organization|person|contract|app|revision|review|owner|key|role|resource_server|fhir_base|ehr|server_secret|invitation|domain|webhook|transfer|api_token)\./.test(
      type,
    );
  const types = new Set(events.map(({ type }) => type));
  for (const type of [
    'token.issued',
    'token.refused',
    'consent.granted',
    'consent.denied',
    'consent.withdrawn',
    'decision.permitted',
    'introspection.refused',
    'passkey.registered',
  ])
    expect(types).toContain(type);
  for (const event of events) {
    const app = apps.get(event.appId ?? '');
    const { id, type, requestId, organizationId, contractId } = event;
    if (app !== undefined && !bySystem(type))
      expect({ id, type, organizationId, contractId }).toEqual({
        id,
        type,
        organizationId: app.organizationId,
        contractId: app.contractId,
      });
    // The seed of the demo is no request.
    if (!bySystem(type))
      expect({ id, type, requestId }).toEqual({
        id,
        type,
        requestId: expect.stringMatching(/^[\w.-]{8,64}$/),
      });
  }
  const ofPatient = events.filter(
    ({ type, appId }) =>
      ['token.issued', 'consent.granted', 'decision.permitted'].includes(type) && appId === of.world.clientId,
  );
  expect(ofPatient.length).toBeGreaterThan(3);
  for (const { patientId, accountId, grantId, purpose } of ofPatient)
    expect({ patientId, accountId, grantId, purpose }).toEqual({
      patientId: expect.any(String),
      accountId: expect.any(String),
      grantId: expect.any(String),
      purpose: 'PATRQT',
    });
});

test('nothing that could be used stands in the database, the log or what was forwarded', async () => {
  await of.forwarded();
  const places = {
    database: await dumpTables(of.world.store),
    log: of.world.server().stdout() + of.world.server().stderr(),
    syslog: of.received(),
  };
  for (const text of Object.values(places)) expect(text.length).toBeGreaterThan(1_000);
  for (const [place, text] of Object.entries(places))
    for (const [name, secret] of of.secrets)
      expect([place, name, text.includes(secret)]).toEqual([place, name, false]);
});

leavingStories(() => of);
