// Metrics of one process for Prometheus: what is counted as it happens. No label holds an id of anybody: they name routes,
// statuses and the codes of refusals.
import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { type Reason, refusals } from '../errors.ts';
import { type Observer, REPLAYED } from '../web/observer.ts';
import { addReadings, type ReadingDeps } from './metric-readings.ts';
import { Durations, Tally } from './tallies.ts';

export interface Metrics {
  readonly observer: Observer;
  readonly contentType: string;
  /** All of them in the text format. */
  read(): Promise<string>;
}

export function createMetrics(deps: ReadingDeps): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Tally(
    registry,
    { name: 'postern_http_requests_total', help: 'Requests that were answered.' },
    ['route', 'method', 'status'],
  );
  const durations = new Durations(
    registry,
    { name: 'postern_http_request_seconds', help: 'From the arrival of a request to its answer.' },
    'route',
  );
  const outcomes = new Tally(
    registry,
    {
      name: 'postern_outcomes_total',
      help: 'What protocol requests came to: ok, active, inactive, asked (a person), or the OAuth error.',
    },
    ['route', 'outcome'],
  );
  const decisions = new Tally(
    registry,
    {
      name: 'postern_decisions_total',
      help: 'Decisions about FHIR requests; a denial by the error that the caller heard and the exact reason.',
    },
    ['decision', 'error', 'reason'],
  );
  const replays = new Tally(
    registry,
    { name: 'postern_replays_total', help: 'What is good for once and came again.' },
    ['of'],
  );
  // A first replay shows as an increase only where there was a zero before.
  for (const what of REPLAYED) replays.add(what, '', '', 0);
  const failed = new Counter({
    ...{ name: 'postern_readings_failed_total', registers: [registry] },
    help: 'Scrapes for which the database did not answer in time: what is read from it is missing in them.',
  });
  const readings = addReadings(registry, deps);
  let reading: Promise<string> | undefined;
  const read = async () => {
    if (!(await readings.refresh())) failed.inc();
    return registry.metrics();
  };

  return {
    contentType: registry.contentType,
    observer: {
      answered: ({ route, request, status, ms, outcome }) => {
        requests.add(route, methodOf(request.method), status);
        durations.add(route, ms);
        if (outcome !== undefined) outcomes.add(route, outcome);
      },
      decided: (reason) => {
        if (reason === undefined) decisions.add('permit');
        else decisions.add('deny', errorOf(reason), reason);
      },
      replayed: (what) => replays.add(what),
    },
    // Those who ask at once are answered once.
    read: () => {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
}

const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
]);

const methodOf = (method = ''): string => (METHODS.has(method) ? method : 'other');

const errorOf = (reason: Reason): string => refusals[reason].error;
