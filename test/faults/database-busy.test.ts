// F4, F20: more is asked for than the database can do. Introspection has connections of its own, what waits has a
// bound, and what is beyond it hears so at once.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../setup/backend-client.ts';
import { type Connection, connect } from '../setup/connection.ts';
import { connect as session } from '../setup/database.ts';
import { introspectionFlood } from '../setup/flood.ts';
import { type Heard, health, heardIn, msUntilReady, UNAVAILABLE } from '../setup/outage.ts';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { introspectAs } from '../setup/registrations.ts';

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

describe('pages have taken every connection that they may have', () => {
  let pages: Heard[];
  let asked: Record<string, unknown>;
  let issued: Heard;
  let meanwhile: { live: number; ready: number };

  beforeAll(async () => {
    const url = new URL(world.network.url);
    const { session: holder, close } = await session(url.href);
    await holder.exec('BEGIN; LOCK TABLE logo IN ACCESS EXCLUSIVE MODE');
    const logo = `${world.issuer}/logos/${'0'.repeat(64)}`;
    const opened = Array.from({ length: 30 }, () => fetch(logo).then(heardIn));
    await sleep(500);
    [asked, issued, meanwhile] = await Promise.all([
      world.introspect(connection.accessToken),
      backendToken(world).then(heardIn),
      health(world),
    ]);
    pages = await Promise.all(opened);
    await close();
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
  const order: string[] = [];
  let beyond: Heard;
  let flood: { readonly statuses: readonly number[]; readonly ms: number };
  let grownBy: number;
  let recoveredIn: number;

  const memory = () => {
    const status = readFileSync(`/proc/${world.server().child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
  };

  beforeAll(async () => {
    const before = memory();
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
    flood = await answered;
    grownBy = memory() - before;
    await world.network.restore();
    recoveredIn = await msUntilReady(world);
  });

  test('who finds no place hears so at once, before a statement has had its time', () => {
    expect(order[0]).toBe('who finds no place');
    expect(beyond).toEqual(UNAVAILABLE);
  });

  test('nobody else is permitted anything, and nobody waits for long', () => {
    expect(flood.statuses).toEqual(Array.from({ length: CONNECTIONS * EACH }, () => 503));
    expect(flood.ms).toBeLessThan(9_000);
  });

  test('what waits has a bound in memory', () => {
    expect(grownBy).toBeLessThan(150);
  });

  test('everybody is answered again within 5 seconds of its return', async () => {
    expect(recoveredIn).toBeLessThan(5_000);
    const again = introspectionFlood(world, connection.accessToken, 10, 50);
    expect(new Set((await again.answered).statuses)).toEqual(new Set([200]));
  });
});
