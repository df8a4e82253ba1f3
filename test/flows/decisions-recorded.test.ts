// No decision without its audit event, and no token in either.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from '../setup/connection.ts';
import { decide, postDecision, readOf } from '../setup/decisions.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let token: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  token = (await connect(world, await world.patientBrowser())).accessToken;
});
afterAll(() => world.stop());

const isPermitted = async () => (await decide(world, readOf(token))).decision;

describe('what is not recorded is not answered', () => {
  const break_ = (sql: string) => world.store.prisma.$executeRawUnsafe(sql);
  afterAll(async () => {
    await break_('DROP TRIGGER IF EXISTS broken ON audit_event');
  });

  test('a failing trigger of the audit: 503 and when to come back, and nothing was counted', async () => {
    // Its counter may be there: nothing is on it.
    const used = () => world.store.prisma.accessBudgetUse.findMany({ where: { resources: { gt: 0 } } });
    const before = await used();
    await break_(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'the audit is broken'; END $$`);
    await break_('CREATE TRIGGER broken BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION broken()');
    for (const evaluation of [readOf(token), readOf(token, { action: { name: 'sing' } })]) {
      const response = await postDecision(world, 'evaluation', evaluation);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await response.text()).not.toMatch(/decision|broken/);
    }
    expect(await used()).toEqual(before);
    await break_('DROP TRIGGER broken ON audit_event');
    expect(await isPermitted()).toBe(true);
  });

  test('a table that is gone', async () => {
    await break_('ALTER TABLE audit_event RENAME TO audit_event_gone');
    const response = await postDecision(world, 'evaluation', readOf(token));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    await break_('ALTER TABLE audit_event_gone RENAME TO audit_event');
    expect(await isPermitted()).toBe(true);
  });
});

test('no token stands in the database', async () => {
  await decide(world, readOf('0a-token-that-nobody-issued-at-all'));
  const dump = await dumpTables(world.store);
  expect(dump).toContain('decision.permitted');
  expect([token, '0a-token-that-nobody-issued-at-all'].filter((one) => dump.includes(one))).toEqual([]);
});
