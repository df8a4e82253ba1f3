import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { backendToken } from '../setup/backend-client.ts';
import { runPostern } from '../setup/command-line.ts';
import type { RestrictedWorld } from '../setup/restricted-world.ts';
import { until } from '../setup/until.ts';

/** The audit as it leaves: forwarded, verified, exported, and as an account of disclosures. */
export function leavingStories(of: () => RestrictedWorld): void {
  test('is forwarded as RFC 5424, every event, also when the server is killed in between', async () => {
    const asking = Array.from({ length: 20 }, () => backendToken(of().world).catch(() => undefined));
    await sleep(300);
    await of().world.restart('SIGKILL');
    await Promise.all(asking);
    await backendToken(of().world);
    await of().forwarded();
    const all = await of().world.store.sql<{ id: string }>('SELECT id::text AS id FROM audit_event', []);
    expect(all.filter(({ id }) => !of().idsForwarded().has(id))).toEqual([]);
    const [count, line = ''] = /^(\d+) ([\s\S]*)$/.exec(of().received())?.slice(1) ?? [];
    const first = Buffer.from(line).subarray(0, Number(count)).toString();
    expect(first).toMatch(
      /^<1(08|10)>1 \d{4}-\d\d-\d\dT[\d:.]+Z localhost:\d+ postern - [\w.]+ - \{"id":"\d+",.*\}$/,
    );
  });

  const postern = (...args: readonly string[]) => runPostern(of().world.environment, ...args);

  test('verifies on the command line, after the leader sealed it', async () => {
    await until(
      () => of().world.store.prisma.auditSeal.count(),
      () => 'nobody sealed',
    );
    const ran = await postern('audit', 'verify', '--json');
    expect([ran.code, JSON.parse(ran.stdout)]).toEqual([0, expect.objectContaining({ fault: null })]);
    expect(JSON.parse(ran.stdout).events).toBeGreaterThan(5);
    const broken = await of().world.store.sql<{ id: string }>(
      'SELECT min(id)::text AS id FROM audit_event',
      [],
    );
    await of().asOwner(
      `SET session_replication_role = replica; UPDATE audit_event SET reason = 'x' WHERE id = ${broken[0]?.id}`,
    );
    const again = await postern('audit', 'verify');
    expect(again.code).toBe(1);
    expect(again.stdout).toContain(
      `BROKEN: event ${broken[0]?.id} (seal 1) was altered after it was sealed.`,
    );
    expect((await postern('audit', 'verify', '--from', 'yesterday')).code).toBe(2);
  });

  test('is exported as lines, of all and of one patient', async () => {
    const all = await postern('audit', 'export', '--from', '2020-01-01');
    const lines = all.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([all.code, lines.length > 20, new Set(lines.map(({ id }) => id)).size]).toEqual([
      0,
      true,
      lines.length,
    ]);
    const { patientId } = await of().world.store.prisma.patientRecord.findFirstOrThrow({
      where: { patient: { passkeys: { some: {} } } },
    });
    const fhir = await postern('audit', 'export', '--format', 'fhir', '--patient', patientId);
    const resources = fhir.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const kept = await of().world.store.prisma.auditEvent.count({ where: { patientId } });
    expect(resources.map(({ resourceType }) => resourceType)).toEqual(Array(kept).fill('AuditEvent'));
    const told = await of().world.store.prisma.auditEvent.findMany({
      where: { type: 'audit.exported' },
      orderBy: { id: 'asc' },
    });
    expect(told.map(({ detail }) => detail)).toEqual([
      {
        format: 'ndjson',
        from: '2020-01-01T00:00:00.000Z',
        to: null,
        via: 'cli',
        osUser: userInfo().username,
      },
      { format: 'fhir', from: null, to: null, via: 'cli', osUser: userInfo().username },
    ]);
  });

  test('tells who reached whose data, by decisions and by minutes', async () => {
    const app = await of().world.store.prisma.app.findUniqueOrThrow({ where: { id: of().world.clientId } });
    const { patientId } = await of().world.store.prisma.patientRecord.findFirstOrThrow({
      where: { patient: { passkeys: { some: {} } } },
    });
    const between = ['--from', '2020-01-01', '--to', '2100-01-01'];
    const ran = await postern('audit', 'disclosures', '--app', app.id, ...between, '--format', 'json');
    const { disclosures } = JSON.parse(ran.stdout);
    const common = {
      appId: app.id,
      organizationId: app.organizationId,
      contractId: app.contractId,
      patientId,
      purpose: 'PATRQT',
      resourceServerId: of().world.resourceServer.id,
    };
    expect(disclosures).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...common,
          by: 'decision',
          resource: 'Patient/ana-rivera',
          interaction: 'read',
        }),
        expect.objectContaining({
          ...common,
          by: 'introspection',
          scope: expect.stringContaining('patient/'),
        }),
      ]),
    );
    const ofPatient = await postern('audit', 'disclosures', '--patient', patientId, ...between);
    expect(ofPatient.stdout.split('\r\n')[0]).toMatch(
      /^at,by,app_id,organization_id,contract_id,patient_id,/,
    );
    expect(ofPatient.stdout.split('\r\n')).toHaveLength(disclosures.length + 2);
    const ofOrganization = await postern(
      'audit',
      'disclosures',
      '--organization',
      app.organizationId,
      ...between,
      '--format',
      'fhir',
    );
    expect(ofOrganization.stdout.split('\n').length).toBeGreaterThan(disclosures.length);
    const before = await postern(
      'audit',
      'disclosures',
      '--app',
      app.id,
      '--from',
      '2020-01-01',
      '--to',
      '2020-02-01',
      '--format',
      'json',
    );
    expect(JSON.parse(before.stdout).disclosures).toEqual([]);
    expect((await postern('audit', 'disclosures', ...between)).code).toBe(2);
  });
}
