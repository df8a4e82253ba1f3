// F3, F4: PostgreSQL is there and does not work: it is slow, locked, full, frozen or restarted. What cannot be known is 503 and
// never a permit; when it works again, so does the same process.
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
  NOBODY_SERVED,
  UNAVAILABLE,
  untilReady,
} from '../setup/outage.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { introspectAs } from '../setup/registrations.ts';
import { createServer, type OwnServer } from '../setup/standby.ts';
import { until } from '../setup/until.ts';

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
  const NAME = 'who takes them all';
  const url = new URL(server.url);
  url.searchParams.set('application_name', NAME);
  const taken: (() => Promise<void>)[] = [];
  const { session: first, close } = await session(url.href);
  const others = `FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> $1`;
  do {
    await first.query(`SELECT pg_terminate_backend(pid, 10000) ${others}`, [NAME]);
    for (let more = true; more; ) {
      more = await session(url.href).then(
        (opened) => taken.push(opened.close) > 0,
        () => false,
      );
    }
    // One of the server's own may have been faster.
  } while ((await first.query(`SELECT ${others}`, [NAME])).length > 0);
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

  beforeAll(async () => {
    const end = await begin();
    [heard, meanwhile] = await Promise.all([askMachines(world, connection), health(world)]);
    await end();
    await untilReady(world);
  });

  test('nobody is served, everybody hears 503 and when to come back (I7)', () => {
    expect(heard).toEqual(NOBODY_SERVED);
  });

  test('it is live, and says whether it is ready', () => {
    expect(meanwhile).toEqual({ live: 200, ready });
  });

  test('ready again in the same process, it has not used up what it refused', async () => {
    expect(await world.introspect(connection.accessToken)).toMatchObject({ active: true });
    const { revocation, ...others } = await askMachines(world, connection);
    expect(revocation.status).toBe(200);
    expect(Object.values(others).map(({ status }) => status)).not.toContain(503);
    connection = await connect(world, patient);
  });
});

describe('it is restarted while it is asked', () => {
  const statuses = new Set<number>();

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
    await until(() => statuses.has(200));
    await server.restart();
    await untilReady(world);
    go.on = false;
    await working;
  });

  test('each request is answered, or with 503', () => {
    expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  });

  test('ready again in the same process, it knows what it knew', async () => {
    expect(await world.introspect(connection.accessToken)).toMatchObject({ active: true });
  });
});

describe('it is another machine now, and the connections to the old one are silent for good', () => {
  let first: Record<Door, Heard>;
  let second: Record<Door, Heard>;

  beforeAll(async () => {
    world.network.forsake();
    first = await askMachines(world, connection);
    await until(async () => {
      second = await askMachines(world, connection);
      return Object.values(second).every(({ status }) => status !== UNAVAILABLE.status);
    });
  });

  test('nobody is refused for another reason than that', () => {
    const others = Object.values(first).filter(
      ({ status, error }) => status >= 400 && error !== 'invalid_grant',
    );
    expect(others).toEqual(others.map(() => UNAVAILABLE));
  });

  test('after a while everybody is served', () => {
    expect(second.introspection.status).toBe(200);
  });
});
