// SIGTERM, as an orchestrator sends it: what was begun is finished, nothing new is begun, and the process ends.
import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { until } from '../setup/until.ts';

// A server that stops waits for seconds only: on a machine that is busy for so long nobody was in time.
jest.retryTimes(4, { logErrorsBeforeRetry: true });

let world: ProcessWorld;

beforeEach(async () => {
  world = await createProcessWorld('postgresql', { POSTERN_DEMO: 'false' });
});
afterEach(() => world.stop());

const BODY = 'grant_type=authorization_code&code=none&client_id=nobody';

/** A request of which half the body has arrived, and what is answered on its connection. */
async function begun() {
  const { host, port } = new URL(world.issuer);
  const socket: Socket = dial(Number(port), 'localhost');
  let heard = '';
  socket
    .on('error', () => undefined)
    .on('data', (chunk) => {
      heard += chunk;
    });
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  const head = `POST /token HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded`;
  socket.write(`${head}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY.slice(0, 20)}`);
  // Answered on another connection after the first half was sent: the server has read it.
  await fetch(`${world.issuer}/health/live`);
  return {
    socket,
    host,
    answers: async () => {
      await closed;
      return [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
    },
  };
}

async function stopping(): Promise<void> {
  world.server().child.kill('SIGTERM');
  await until(() => world.server().stderr().includes('stopping'));
}

test('requests in flight are answered, no new connection is taken, and the exit code is 0', async () => {
  const all = [await begun(), await begun(), await begun()];
  await stopping();
  await expect(fetch(`${world.issuer}/health/live`)).rejects.toThrow('fetch failed');
  // Each connection is closed when it has its answer: if it were kept for the next request, the third came too late.
  for (const { socket, answers } of all) {
    socket.write(BODY.slice(20));
    expect(await answers()).toEqual([401]);
  }
  expect(await world.server().ended).toEqual({ code: 0, signal: null });
});

test('who is still connected hears that it is not ready', async () => {
  const { socket, host, answers } = await begun();
  await stopping();
  socket.write(`${BODY.slice(20)}GET /health/ready HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  expect(await answers()).toEqual([401, 503]);
});

test('a request that never ends is cut off', async () => {
  const { answers } = await begun();
  await stopping();
  expect(await world.server().ended).toEqual({ code: 0, signal: null });
  expect(await answers()).toEqual([]);
});

test('a second signal ends it before the request is cut off, after which the code would be 0', async () => {
  await begun();
  await stopping();
  world.server().child.kill('SIGTERM');
  expect(await world.server().ended).toEqual({ code: 1, signal: null });
});

test('a database that has fallen silent does not keep it', async () => {
  world.network.stall();
  await stopping();
  expect((await world.server().ended).signal).toBeNull();
});
