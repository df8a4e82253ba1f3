// Architecture, section 7: what a cut-off ends, whatever comes before and after it, and that nothing ever comes back.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CUT_OFF_KINDS, type CutOffKind, cutOff } from '../../src/store/cut-offs.ts';
import { CutOffModel, step } from '../setup/cut-off-model.ts';
import { type Connection, connect } from '../setup/database.ts';
import { createIssuedWorld, EACH, type IssuedWorld, type State, type Subjects } from '../setup/issued.ts';

let world: IssuedWorld;

beforeAll(async () => {
  world = await createIssuedWorld();
});
afterAll(() => world.stop());

const first: Subjects = { client: 'c1', patient: 'n1', purpose: 'TREAT', key: 'k1' };
const SUBJECT: Readonly<Record<CutOffKind, string>> = {
  ...{ client: 'c1', organization: 'a1', owner: 'p1', patient: 'n1', purpose: 'TREAT', key: 'k1' },
};
const endsBoth = { token: false, grant: false };
const goesOn = { token: true, grant: true };
const homes = () =>
  world.store.prisma.app.updateMany({ where: { id: 'c1' }, data: { organizationId: 'a1', ownerId: 'p1' } });

const pairs = CUT_OFF_KINDS.flatMap((one) => CUT_OFF_KINDS.map((other) => [one, other] as const));

test.each(pairs)(
  '%s, then %s: the strictest of both holds, and what comes after is good',
  async (one, other) => {
    for (const [oneEnds, otherEnds] of [
      [true, false],
      [false, true],
    ] as const) {
      const before = await world.issue(first);
      await world.cut(one, SUBJECT[one], oneEnds);
      const between = await world.issue(first);
      await world.cut(other, SUBJECT[other], otherEnds);
      const after = await world.issue(first);
      const states = await world.states();
      // A consent is given to an app, whatever it proved itself with.
      const [endsFirst, endsSecond] = [oneEnds && one !== 'key', otherEnds && other !== 'key'];
      expect([before, between, after].map((name) => states.get(name))).toEqual([
        { token: false, grant: !(endsFirst || endsSecond) },
        { token: false, grant: !endsSecond },
        goesOn,
      ]);
    }
  },
);

test('who decided for somebody else is cut off with what she decided', async () => {
  const [own, other] = [
    await world.issue(first),
    await world.issue({ ...first, patient: 'n2', account: 'n1' }),
  ];
  await world.cut('patient', 'n1', true);
  const states = await world.states();
  expect([own, other].map((name) => states.get(name))).toEqual([endsBoth, endsBoth]);
});

test('whatever is issued, cut off and moved: each cut-off ends what rests on its subject, nothing else, and nothing comes back', async () => {
  const { prisma } = world.store;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      await prisma.accessToken.deleteMany();
      for (const n of EACH)
        await prisma.app.update({
          where: { id: `c${n}` },
          data: { organizationId: 'a1', ownerId: `p${n}` },
        });
      const model = new CutOffModel();
      for (const one of steps) {
        if ('issue' in one) {
          const name = await world.issue(one.issue);
          model.issued.set(name, { subjects: one.issue, state: goesOn, since: new Map() });
          continue;
        }
        if ('cut' in one) {
          await world.cut(one.cut, one.of, one.endsGrants);
          model.cut(one.of, one.endsGrants && one.cut !== 'key');
        } else {
          await prisma.app.update({ where: { id: one.move }, data: one.to });
          const { to } = one;
          const home = 'ownerId' in to ? { owner: to.ownerId } : { organization: to.organizationId };
          model.move(one.move, home);
        }
        const expected = [...model.issued].map(([name, { state }]): [string, State] => [name, state]);
        expect(await world.states()).toEqual(new Map(expected));
      }
    }),
    { numRuns: 25 },
  );
});

/** Another transaction, in which an app moves away; it commits when it is told to, at the latest when the work is done. */
async function whileMoving(
  work: (name: string, commit: () => Promise<void>, session: Connection['session']) => Promise<void>,
): Promise<void> {
  await homes();
  const name = await world.issue(first);
  const { session, close } = await connect(world.url);
  await session.exec(`BEGIN; UPDATE app SET organization_id = 'a2' WHERE id = 'c1'`);
  const commit = async () => {
    await session.exec('COMMIT');
  };
  await work(name, commit, session).finally(close);
}

test('a cut-off that is acknowledged while an app moves away holds for the app', async () => {
  await whileMoving(async (name, commit) => {
    await world.cut('organization', 'a1', true);
    expect((await world.states()).get(name)).toEqual(endsBoth);
    await commit();
    expect((await world.states()).get(name)).toEqual(endsBoth);
  });
});

test('a cut-off that comes while a move is being committed waits for it, and leaves the app alone', async () => {
  await whileMoving(async (name, commit, session) => {
    await session.exec('SET CONSTRAINTS ALL IMMEDIATE');
    let acknowledged = false;
    const cut = world.cut('organization', 'a1', true).then(() => {
      acknowledged = true;
    });
    const isWaiting = `SELECT FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    while (!acknowledged && (await session.query(isWaiting, [])).length === 0) await sleep(5);
    expect([acknowledged, (await world.states()).get(name)]).toEqual([false, goesOn]);
    await commit();
    await cut;
    expect((await world.states()).get(name)).toEqual(goesOn);
  });
});

test('a cut-off that is rolled back ended nothing, and the one after it does', async () => {
  const name = await world.issue(first);
  const refused = world.store.prisma.$transaction(async (tx) => {
    const subject = { kind: 'key', subjectIds: ['k1'], endsGrants: false, cause: 'key.ended' } as const;
    await cutOff(tx, world.store, subject);
    throw new Error('rolled back');
  });
  await expect(refused).rejects.toThrow('rolled back');
  expect((await world.states()).get(name)?.token).toBe(true);
  await world.cut('key', 'k1', false);
  expect((await world.states()).get(name)).toEqual({ token: false, grant: true });
});

test.each([
  'UPDATE cut_off SET tokens_before = tokens_before - 1',
  'UPDATE cut_off SET grants_before = NULL',
  'DELETE FROM cut_off',
  'TRUNCATE cut_off',
  'UPDATE revocation_clock SET value = value - 1',
  'DELETE FROM revocation_clock',
  'TRUNCATE revocation_clock',
])('the database itself refuses to go back: %s', async (statement) => {
  await world.cut('client', 'c1', true);
  await expect(world.store.sql(statement, [])).rejects.toThrow('never goes back');
  await expect(world.store.sql('INSERT INTO revocation_clock VALUES (2, 1)', [])).rejects.toThrow();
});
