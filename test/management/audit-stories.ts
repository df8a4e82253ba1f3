import { expect, test } from '@jest/globals';
import { send } from '../setup/api-client.ts';
import type { ApiWorld } from '../setup/api-world.ts';
import { backendToken } from '../setup/backend-client.ts';
import { settled } from '../setup/settled.ts';

/** Who answers for the audit reads it, and takes it along. */
export function auditStories(of: () => ApiWorld): void {
  test('an operator reads what happened, page by page, and misses nothing', async () => {
    const { world, api } = of();
    await settled(world.store);
    const first = await api('operator', 'listAuditEvents', { query: { limit: '2' } });
    expect(first.rows).toHaveLength(2);
    const ids: string[] = [];
    for (let after = first.next; after !== null; ) {
      const page = await api('operator', 'listAuditEvents', { query: { after, limit: '200' } });
      ids.push(...page.rows.map(({ id }: { id: string }) => id));
      after = page.next;
    }
    const all = await world.store.prisma.auditEvent.findMany({ orderBy: [{ xid: 'asc' }, { id: 'asc' }] });
    expect(ids).toEqual(all.slice(2).map(({ id }) => String(id)));

    await backendToken(world);
    const query = { appId: world.backendId, limit: '1' };
    const own = await api('operator', 'listAuditEvents', { query });
    expect(own.rows).toMatchObject([{ appId: world.backendId, detail: expect.anything() }]);
    const next = await api('operator', 'listAuditEvents', { query: { ...query, after: own.next } });
    expect(next.rows[0]?.id).not.toBe(own.rows[0].id);
  });

  test('a cursor of another filter, or of none, is refused', async () => {
    const { world, api, operation, tokens } = of();
    const { next } = await api('operator', 'listAuditEvents', { query: { limit: '1' } });
    const list = operation('listAuditEvents');
    for (const after of [next, 'nonsense', Buffer.from('["x","y"]').toString('base64url')]) {
      const asked = { query: { appId: world.backendId, after } };
      const answer = await send(world, tokens.operator, list, asked);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
  });

  test('exports are files of lines, and are recorded before they begin', async () => {
    const { world, api } = of();
    const about = { from: '2020-01-01', appId: world.backendId };
    const lines = await api('operator', 'exportAuditEvents', { query: { format: 'ndjson', ...about } });
    const rows = lines
      .trimEnd()
      .split('\n')
      .map((line: string) => JSON.parse(line));
    expect(rows.every(({ appId }: { appId: string }) => appId === world.backendId)).toBe(true);
    expect(rows.map(({ type }: { type: string }) => type)).toContain('audit.exported');
    const fhir = await api('operator', 'exportAuditEvents', { query: { format: 'fhir', ...about } });
    expect(JSON.parse(fhir.split('\n')[0])).toMatchObject({ resourceType: 'AuditEvent' });
    const csv = await api('operator', 'exportDisclosures', {
      query: { format: 'csv', appId: world.backendId, from: '2020-01-01', to: '2100-01-01' },
    });
    expect(csv.split('\r\n')[0]).toMatch(/^at,by,app_id,/);
    const told = await world.store.prisma.auditEvent.findMany({
      where: { type: { endsWith: '.exported' }, appId: world.backendId },
      orderBy: { id: 'asc' },
    });
    expect(told.map(({ type, detail }) => [type, (detail as { format: string }).format])).toEqual([
      ['audit.exported', 'ndjson'],
      ['audit.exported', 'fhir'],
      ['disclosure.exported', 'csv'],
    ]);
  });

  test('who may not read it gets nothing; what is asked must be one thing, between two instants', async () => {
    const { world, operation, tokens } = of();
    const between = { from: '2020-01-01', to: '2100-01-01', format: 'csv' };
    const asked = { query: { ...between, appId: world.backendId } };
    const queries = {
      listAuditEvents: {},
      exportAuditEvents: { format: 'fhir' },
      exportDisclosures: asked.query,
    };
    for (const [id, query] of Object.entries(queries))
      for (const who of ['reviewer', 'owner', 'developer'] as const) {
        const { status } = await send(world, tokens[who], operation(id), { query });
        expect([id, who, status]).toEqual([id, who, 403]);
      }
    for (const query of [between, { ...asked.query, patientId: 'somebody' }, { ...asked.query, from: 'x' }])
      expect((await send(world, tokens.operator, operation('exportDisclosures'), { query })).status).toBe(
        400,
      );
  });
}
