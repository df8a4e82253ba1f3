// F3, F4: PostgreSQL is there and does not work: it is slow, locked, full, frozen or restarted. What cannot be known is 503 and
// never a permit; when it works again, so does the same process.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { connect as session } from '../setup/database.ts';
import {
  askMachines,
  type Door,
  type Heard,
  health,
  msUntilReady,
  NOBODY_SERVED,
  UNAVAILABLE,
} from '../setup/outage.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { introspectAs } from '../setup/registrations.ts';
import { createServer, type OwnServer } from '../setup/standby.ts';

let server: OwnServer;
let world: ProcessWorld;
let patient: TestBrowser;
let connection: Connection;

const CONNECTIONS = 25;

beforeAll(async () => {
  server = await createServer({ settings: [`max_connections=${CONNECTIONS}`] });
  world = await createProcessWorld('postgresql', { POSTERN_LOG_LEVEL: 'silent' }, server);
  patient = await world.patientBrowser();
  connection = await connect(world, patient);
});
afterAll(async () => {
  await world.stop();
  await server.stop();
});

/** A way to fail; answers with the way back. */
type Fault = () => Promise<() => Promise<unknown>>;

/** Whoever wants these tables waits. */
async function lock(...tables: string[]): Promise<() => Promise<unknown>> {
  const { session: holder, close } = await session(server.url);
  await holder.exec(`BEGIN; LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`);
  return close;
}

async function takeEveryConnection(): Promise<() => Promise<unknown>> {
  const taken: (() => Promise<void>)[] = [];
  const { session: first, close } = await session(server.url);
  await first.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`);
  for (let more = true; more; ) {
    more = await session(server.url).then(
      (opened) => taken.push(opened.close) > 0,
      () => false,
    );
  }
  return () => Promise.all([close, ...taken].map((end) => end()));
}

const faults: readonly (readonly [string, number, Fault])[] = [
  [
    'its answers come 5 seconds late',
    503,
    async () => {
      world.network.delay(5_000);
      return () => world.network.restore();
    },
  ],
  ['others hold its tables', 200, () => lock('token_terms', 'access_token', 'oidc_payload', 'app')],
  ['others have all its connections', 503, takeEveryConnection],
  [
    'it is frozen',
    503,
    async () => {
      server.freeze();
      return async () => server.thaw();
    },
  ],
];

describe.each(faults)('%s', (_name, ready, begin) => {
  let heard: Record<Door, Heard>;
  let meanwhile: { live: number; ready: number };
  let recoveredIn: number;

  beforeAll(async () => {
    const end = await begin();
    [heard, meanwhile] = await Promise.all([askMachines(world, connection), health(world)]);
    await end();
    recoveredIn = await msUntilReady(world);
  });

  test('nobody is served, everybody hears 503 and when to come back (I7)', () => {
    expect(heard).toEqual(NOBODY_SERVED);
  });

  test('it is live, and says whether it is ready', () => {
    expect(meanwhile).toEqual({ live: 200, ready });
  });

  test('it is ready within 5 seconds of the end, in the same process', () => {
    expect(recoveredIn).toBeLessThan(5_000);
  });

  test('what was refused meanwhile was not used up', async () => {
    expect(await world.introspect(connection.accessToken)).toMatchObject({ active: true });
    const { revocation, ...others } = await askMachines(world, connection);
    expect(revocation.status).toBe(200);
    expect(Object.values(others).map(({ status }) => status)).not.toContain(503);
    connection = await connect(world, patient);
  });
});

describe('it is restarted while it is asked', () => {
  const statuses = new Set<number>();
  let recoveredIn: number;

  beforeAll(async () => {
    const go = { on: true };
    const { accessToken } = connection;
    const work = async () => {
      while (go.on) {
        statuses.add((await introspectAs(world, world.resourceServer, accessToken)).status);
        statuses.add((await backendToken(world)).status);
      }
    };
    const working = Promise.all([work(), work()]);
    await sleep(200);
    await server.restart();
    recoveredIn = await msUntilReady(world);
    go.on = false;
    await working;
  });

  test('each request is answered, or with 503', () => {
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });

  test('it is ready within 5 seconds, in the same process', async () => {
    expect(recoveredIn).toBeLessThan(5_000);
    expect(await world.introspect(connection.accessToken)).toMatchObject({ active: true });
  });
});

describe('it is another machine now, and the connections to the old one are silent for good', () => {
  let first: Record<Door, Heard>;
  let second: Record<Door, Heard>;

  beforeAll(async () => {
    world.network.forsake();
    const moved = Date.now();
    first = await askMachines(world, connection);
    await sleep(5_000 - (Date.now() - moved));
    second = await askMachines(world, connection);
  });

  test('nobody is refused for another reason than that', () => {
    const others = Object.values(first).filter(
      ({ status, error }) => status >= 400 && error !== 'invalid_grant',
    );
    expect(others).toEqual(others.map(() => UNAVAILABLE));
  });

  test('after 5 seconds everybody is served', () => {
    expect(Object.values(second)).not.toContainEqual(UNAVAILABLE);
    expect(second.introspection.status).toBe(200);
  });
});
