import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Latencies } from './latencies.ts';
import { LoadRun, type Sample } from './load-run.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const request = Buffer.from('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
const expected = { status: 200, includes: ['"active":true'] };

async function load(answer: RequestListener, requests = Number.POSITIVE_INFINITY): Promise<Sample> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  let left = requests;
  const take = () => (left-- > 0 ? request : undefined);
  const run = new LoadRun((server.address() as AddressInfo).port, expected, take, { connections: 4 });
  await sleep(100);
  return run.stop();
}

const active = '{"active":true}';
const headers = { 'Content-Length': active.length };

describe('the load of the benches', () => {
  test('counts right answers, and finds nothing wrong with them', async () => {
    const { answers, wrong, p50Ms } = await load((_, response) =>
      response.writeHead(200, headers).end(active),
    );
    expect(answers).toBeGreaterThan(10);
    expect(wrong).toBe(0);
    expect(p50Ms).toBeGreaterThan(0);
  });

  test('reads an answer that comes in pieces', async () => {
    const { answers, wrong } = await load((_, response) => {
      response.writeHead(200, headers).write(active.slice(0, 5));
      setTimeout(() => response.end(active.slice(5)), 2);
    });
    expect(answers).toBeGreaterThan(4);
    expect(wrong).toBe(0);
  });

  const wrongOnce = (answer: RequestListener) => {
    let asked = 0;
    const right: RequestListener = (_, response) => response.writeHead(200, headers).end(active);
    return load((incoming, response) => (++asked === 3 ? answer : right)(incoming, response));
  };
  test.each<[string, RequestListener]>([
    ['inactive', (_, response) => response.end('{"active":false}')],
    ['503', (_, response) => response.writeHead(503, headers).end(active)],
    ['of unknown length', (_, response) => void response.writeHead(200).write(active)],
    ['no answer, the connection is cut', (_, response) => response.destroy()],
  ])('one wrong answer among right ones is a fault: %s', async (_, answer) => {
    const { wrong, faults } = await wrongOnce(answer);
    expect({ wrong, shown: faults.length }).toEqual({ wrong: 1, shown: 1 });
  });

  test('requests that may be sent once each and run out are a fault', async () => {
    const { wrong, faults } = await load((_, response) => response.writeHead(200, headers).end(active), 10);
    expect(wrong).toBe(4);
    expect(faults[0]).toContain('run out');
  });
});

test('latencies keep their percentiles, fine ones and coarse ones', () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 100; ms += 1) latencies.record(ms * 1_000);
  expect(latencies.total).toBe(100);
  expect(latencies.percentile(5)).toBe(5);
  expect(latencies.percentile(50)).toBeCloseTo(50, 0);
  expect(latencies.percentile(99)).toBeCloseTo(99, 0);
  latencies.clear();
  expect(latencies.total).toBe(0);
});
