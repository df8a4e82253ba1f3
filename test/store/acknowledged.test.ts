// F6: what was acknowledged is committed, whatever the database or the role has set for speed.
import { expect, test } from '@jest/globals';
import { openStore } from '../../src/store/database.ts';
import { connect, createDatabase } from '../setup/database.ts';

const ASK = `SELECT current_setting('synchronous_commit') AS level, current_setting('jit') AS jit`;

test.each([
  ['off', 'on'],
  ['local', 'on'],
  ['remote_write', 'on'],
  ['on', 'on'],
  ['remote_apply', 'remote_apply'],
])(
  'where the database says synchronous_commit = %s, every connection of ours has %s',
  async (said, level) => {
    const { url, drop } = await createDatabase();
    const { session, close } = await connect(url);
    const name = new URL(url).pathname.slice(1);
    await session.exec(`ALTER DATABASE ${name} SET synchronous_commit = ${said}`);
    await close();
    const store = await openStore(
      { kind: 'postgresql', url },
      { migrations: 'prisma/migrations', report: () => undefined },
    );
    const found = await Promise.all([
      ...[1, 2, 3].map(() => store.sql(ASK, [])),
      store.read(ASK, []),
      store.hot<[string, string]>(ASK, []).then(([row]) => [{ level: row?.[0], jit: row?.[1] }]),
      store.prisma.$transaction((tx) => tx.$queryRawUnsafe(ASK)),
    ]);
    await store.close();
    await drop();
    expect(found).toEqual(found.map(() => [{ level, jit: 'off' }]));
  },
);
