// F4, F20: more is asked for than the database can do. Introspection has connections of its own, what waits has a
// bound, and what is beyond it hears so at once.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../setup/backend-client.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { connect as session } from '../setup/database.ts';
import { introspectionFlood } from '../setup/flood.ts';
import { type Heard, health, heardIn, UNAVAILABLE, untilReady } from '../setup/outage.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { introspectAs } from '../setup/registrations.ts';
import { until } from '../setup/until.ts';

let world: ProcessWorld;
let connection: Connection;

beforeAll(async () => {
  world = await createProcessWorld('postgresql', { POSTERN_LOG_LEVEL: 'silent' });
  connection = await connect(world, await world.patientBrowser());
  // A resource server asks all the time.
  expect(await world.introspect(connection.accessToken)).toMatchObject({ active: true });
});
afterAll(() => world.stop());

const introspection = () => introspectAs(world, world.resourceServer, connection.accessToken);

/** What a machine may be too slow for is tried again; what never comes is not there. */
const TRIES = 5;

describe('pages have taken every connection that they may have', () => {
  const CONNECTIONS = 10;
  let pages: Heard[];
  let asked: Record<string, unknown>;
  let issued: Heard | undefined;
  let meanwhile: { live: number; ready: number };

  async function ask(): Promise<void> {
    const { session: holder, close } = await session(world.network.url);
    await holder.exec('BEGIN; LOCK TABLE logo IN ACCESS EXCLUSIVE MODE');
    const logo = `${world.issuer}/logos/${'0'.repeat(64)}`;
    const opened = Array.from({ length: 30 }, () => fetch(logo).then(heardIn));
    const waiting = `SELECT FROM pg_locks WHERE relation = 'logo'::regclass AND NOT granted`;
    const taken = until(async () => (await holder.query(waiting, [])).length === CONNECTIONS);
    await Promise.race([taken, Promise.all(opened)]);
    [asked, issued, meanwhile] = await Promise.all([
      world.introspect(connection.accessToken),
      backendToken(world).then(heardIn),
      health(world),
    ]);
    pages = await Promise.all(opened);
    await close();
  }

  beforeAll(async () => {
    // Who asks a second after the pages may find one of them ended before its own wait is.
    for (let tries = 0; tries < TRIES && issued?.status !== 503; tries += 1) await ask();
  });

  test('resource servers are answered as ever', () => {
    expect(asked).toMatchObject({ active: true });
    expect(meanwhile).toEqual({ live: 200, ready: 200 });
  });

  test('who needs one of them hears 503', () => {
    expect(issued).toEqual(UNAVAILABLE);
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([503]));
  });

  test('afterwards tokens are issued again', async () => {
    expect((await backendToken(world)).status).toBe(200);
  });
});

describe('more introspections come than may wait, while the database is silent', () => {
  const [CONNECTIONS, EACH] = [20, 200];
  let order: string[] = [];
  let beyond: Heard;
  const flood: number[] = [];
  let before: number;
  let grownBy: number;

  const memory = () => {
    const status = readFileSync(`/proc/${world.server().child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
  };

  async function ask(): Promise<void> {
    order = [];
    world.network.stall();
    const under = introspection().then(() => order.push('who is under way'));
    const { sent, answered } = introspectionFlood(world, connection.accessToken, CONNECTIONS, EACH);
    await sent;
    const asked: Promise<unknown>[] = [];
    while (order.length === 0) {
      asked.push(
        introspection()
          .then(heardIn)
          .then((heard) => {
            if (order.push('who finds no place') === 1) beyond = heard;
          }),
      );
      await sleep(100);
    }
    await Promise.all([under, ...asked]);
    flood.push(...(await answered));
    grownBy = Math.max(grownBy, memory() - before);
    await world.network.restore();
    await untilReady(world);
  }

  beforeAll(async () => {
    [before, grownBy] = [memory(), 0];
    // The queue must be full before the statement of who came first has had its time.
    for (let tries = 0; tries < TRIES && order[0] !== 'who finds no place'; tries += 1) await ask();
  });

  test('who finds no place hears so at once, before a statement has had its time', () => {
    expect(order[0]).toBe('who finds no place');
    expect(beyond).toEqual(UNAVAILABLE);
  });

  test('nobody else is permitted anything, and everybody has an answer while it is silent', () => {
    expect(flood.length % (CONNECTIONS * EACH)).toBe(0);
    expect(new Set(flood)).toEqual(new Set([503]));
  });

  test('what waits has a bound in memory', () => {
    expect(grownBy).toBeLessThan(150);
  });

  test('everybody is answered again after its return', async () => {
    const again = introspectionFlood(world, connection.accessToken, 10, 50);
    expect(new Set(await again.answered)).toEqual(new Set([200]));
  });
});
