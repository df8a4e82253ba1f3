// Metrics and traces of a real process, compiled: they begin and end with it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Collector, createCollector } from '../setup/collector.ts';
import { metricsUrl, scrape } from '../setup/metrics.ts';
import { freePorts } from '../setup/ports.mjs';
import { createProcessWorld, type ProcessWorld } from '../setup/process-world.ts';
import { failedStart } from '../setup/server-process.ts';
import { until } from '../setup/until.ts';

let collector: Collector;
let world: ProcessWorld;

beforeAll(async () => {
  collector = await createCollector();
  const [port] = await freePorts(1);
  world = await createProcessWorld('embedded', {
    ...{ POSTERN_METRICS_PORT: String(port), POSTERN_OTLP_URL: collector.url },
  });
});
afterAll(async () => {
  await world.stop();
  await collector.stop();
});

test('the metrics are there, and the last spans leave before the process does', async () => {
  expect((await scrape(world)).value('postern_leader')).toBe(1);
  await fetch(`${world.issuer}/jwks`, { headers: { 'x-request-id': 'the-last-one' } });
  const exit = await world.restart();
  expect(exit).toEqual({ code: 0, signal: null });
  await collector.hears(({ attributes }) => attributes['postern.request_id'] === 'the-last-one');
});

test('a port that is taken is told at the start', async () => {
  const { environment } = world;
  const [port, data] = await freePorts(2);
  const taken = { POSTERN_PORT: String(port), POSTERN_DATA_DIR: `${environment.POSTERN_DATA_DIR}/${data}` };
  const { code, stderr } = await failedStart({ ...environment, ...taken });
  expect(code).toBe(1);
  expect(stderr).toContain(`Port ${environment.POSTERN_METRICS_PORT} cannot be opened`);
});

test('a collector that says nothing does not keep a process from stopping in time', async () => {
  collector.isSilent = true;
  await fetch(`${world.issuer}/jwks`);
  await until(() => collector.held.length > 0);
  const exit = await world.server().kill('SIGTERM');
  expect(exit).toEqual({ code: 0, signal: null });
  await expect(fetch(metricsUrl(world))).rejects.toThrow();
});
