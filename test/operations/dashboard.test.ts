// The page about metrics, the dashboard and the process speak of the same metrics.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createMetrics } from '../../src/operations/metrics.ts';
import type { Store } from '../../src/store/database.ts';
import { parsed } from '../setup/metrics.ts';

const page = readFileSync('docs/observability.md', 'utf8');
const source = z.strictObject({ type: z.literal('prometheus'), uid: z.string().regex(/^\$\{datasource\}$/) });
const place = z.strictObject({
  h: z.int().min(1),
  w: z.int().min(1).max(24),
  x: z.int().min(0).max(23),
  y: z.int().min(0),
});
const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: source,
  expr: z.string().min(1),
  legendFormat: z.string(),
});
const panel = z.strictObject({
  ...{ id: z.int().min(1), title: z.string().min(1), description: z.string().optional(), gridPos: place },
  ...{ type: z.enum(['timeseries', 'stat']), datasource: source, targets: z.array(target).min(1) },
  fieldConfig: z.strictObject({ defaults: z.looseObject({ unit: z.string() }), overrides: z.tuple([]) }),
  options: z.looseObject({}),
});
const row = z.strictObject({
  ...{ id: z.int().min(1), title: z.string().min(1), gridPos: place, type: z.literal('row') },
  ...{ collapsed: z.literal(false), panels: z.tuple([]) },
});
/** Of Grafana's model of a dashboard what a file that is imported has. */
const dashboard = z.looseObject({
  title: z.string().min(1),
  uid: z.string().regex(/^[\w-]{1,40}$/),
  schemaVersion: z.int().min(36),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  templating: z.strictObject({
    list: z.array(z.looseObject({ name: z.string(), type: z.enum(['datasource', 'query']) })),
  }),
  panels: z.array(z.union([row, panel])),
});
const read = dashboard.parse(JSON.parse(readFileSync('docs/grafana-dashboard.json', 'utf8')));
const expressions = read.panels.flatMap((one) =>
  one.type === 'row' ? [] : one.targets.map(({ expr }) => expr),
);

let exported: readonly string[];
beforeAll(async () => {
  const store = { sql: () => Promise.reject(new Error('no database')), pools: () => [] };
  const metrics = createMetrics({ store: store as unknown as Store, leads: () => false });
  exported = parsed(await metrics.read()).names;
});

/** The metrics that a query or rule names; a histogram by its name. */
const named = (text: string) =>
  [...text.matchAll(/\b(?:postern|nodejs|process)_\w+/g)].map(([name]) =>
    name.replace(/^(postern_http_request_seconds)_(bucket|sum|count)$/, '$1'),
  );

test('every metric of the dashboard is exported', () => {
  expect(expressions.length).toBeGreaterThan(30);
  expect(expressions.flatMap(named).filter((name) => !exported.includes(name))).toEqual([]);
  expect(expressions.filter((expr) => named(expr).length === 0)).toEqual([]);
});

test('every metric of ours is on the dashboard and in the table of the page, and the table has no other', () => {
  const ours = exported.filter((name) => name.startsWith('postern_')).sort();
  expect(ours.length).toBeGreaterThan(15);
  expect(
    [...new Set(expressions.flatMap(named))].filter((name) => name.startsWith('postern_')).sort(),
  ).toEqual(ours);
  const rows = [...page.matchAll(/^\| `(postern_\w+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(ours);
});

test('every alert names metrics that are exported', () => {
  const alerts = [...page.matchAll(/^ +expr: (.+)$/gm)].map(([, expression = '']) => expression);
  expect(alerts.length).toBeGreaterThan(8);
  expect(alerts.flatMap(named).filter((name) => !exported.includes(name))).toEqual([]);
});

test('panels have ids of their own, lie in the grid and do not lie upon one another', () => {
  const ids = read.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { gridPos: a, id } of read.panels) {
    expect(a.x + a.w).toBeLessThanOrEqual(24);
    for (const { gridPos: b, id: other } of read.panels) {
      if (id === other) continue;
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      expect({ id, other, apart }).toEqual({ id, other, apart: true });
    }
  }
});

test('each variable that a query names is one that the dashboard or Grafana has', () => {
  const variables = new Set([...read.templating.list.map(({ name }) => name), '__rate_interval']);
  const used = expressions.flatMap((expr) => [...expr.matchAll(/\$(\w+)/g)].map(([, name = '']) => name));
  expect(used.filter((name) => !variables.has(name))).toEqual([]);
});
