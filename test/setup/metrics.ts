// What Prometheus reads on the port of the metrics.
import type { World } from './world.ts';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scrape {
  readonly samples: readonly Sample[];
  /** Every metric by name, with or without samples. */
  readonly names: readonly string[];
  /** The sum of the samples of that name which have these labels; undefined: there are none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

export const metricsUrl = ({ config }: Pick<World, 'config'>, path = '/metrics', host = '127.0.0.1') =>
  `http://${host}:${config.observability.metrics?.port}${path}`;

export async function scrape(world: Pick<World, 'config'>): Promise<Scrape> {
  const response = await fetch(metricsUrl(world));
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return parsed(await response.text());
}

/** The text format of Prometheus, version 0.0.4. */
export function parsed(text: string): Scrape {
  const lines = text.split('\n').filter((line) => line !== '');
  const samples = lines.filter((line) => !line.startsWith('#')).map(sampleIn);
  return {
    samples,
    names: lines.flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []),
    value: (name, labels = {}) => {
      const found = samples.filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, is]) => sample.labels[label] === is),
      );
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

function sampleIn(line: string): Sample {
  const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`this is no sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, is]) => [label, is]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('Inf', 'Infinity')) };
}
