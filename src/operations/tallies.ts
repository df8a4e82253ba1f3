// Counters of what happens at every request: cells made once, found without making anything, and read when somebody asks.
import { Counter, type Metric, type Registry } from 'prom-client';

interface Described {
  readonly name: string;
  readonly help: string;
}

type Word = string | number;

interface Cell {
  readonly words: readonly Word[];
  value: number;
}

/** A name that comes from outside by mistake makes no more than so many series. */
const CELLS_MAX = 2_000;

/** Counts by one to three words. */
export class Tally {
  readonly #found = new Map<Word, Map<Word, Map<Word, Cell>>>();
  readonly #cells: Cell[] = [];
  readonly #labels: readonly string[];

  constructor(registry: Registry, { name, help }: Described, labels: readonly string[]) {
    this.#labels = labels;
    const cells = this.#cells;
    new Counter({
      ...{ name, help, labelNames: labels, registers: [registry] },
      collect() {
        this.reset();
        for (const { words, value } of cells) this.inc(labelled(labels, words), value);
      },
    });
  }

  add(first: Word, second: Word = '', third: Word = '', by = 1): void {
    const cell = this.#found.get(first)?.get(second)?.get(third) ?? this.#make(first, second, third);
    cell.value += by;
  }

  #make(first: Word, second: Word, third: Word): Cell {
    const full = this.#cells.length >= CELLS_MAX;
    const [a, b, c] = full ? (['other', 'other', 'other'] as const) : [first, second, third];
    const seconds = this.#found.get(a) ?? new Map<Word, Map<Word, Cell>>();
    const thirds = seconds.get(b) ?? new Map<Word, Cell>();
    const cell = thirds.get(c) ?? { words: [a, b, c].slice(0, this.#labels.length), value: 0 };
    if (!thirds.has(c)) this.#cells.push(cell);
    this.#found.set(a, seconds.set(b, thirds.set(c, cell)));
    return cell;
  }
}

const labelled = (labels: readonly string[], words: readonly Word[]): Record<string, Word> =>
  Object.fromEntries(labels.map((label, at) => [label, words[at] ?? '']));

const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

interface Times {
  readonly counts: number[];
  count: number;
  sumMs: number;
}

/** A histogram by one word. */
export class Durations {
  readonly #times = new Map<string, Times>();
  readonly #name: string;
  readonly #label: string;

  constructor(registry: Registry, { name, help }: Described, label: string) {
    this.#name = name;
    this.#label = label;
    const described = { name, help, type: 'histogram', aggregator: 'sum' };
    const get = async () => ({ ...described, values: [...this.#times].flatMap((one) => this.#values(one)) });
    registry.registerMetric({ ...described, get } as unknown as Metric);
  }

  add(word: string, ms: number): void {
    const times = this.#times.get(word) ?? this.#make(word);
    let bound = 0;
    while (bound < BOUNDS_MS.length && ms > (BOUNDS_MS[bound] as number)) bound += 1;
    times.counts[bound] = (times.counts[bound] as number) + 1;
    times.count += 1;
    times.sumMs += ms;
  }

  #make(word: string): Times {
    const name = this.#times.size < CELLS_MAX ? word : 'other';
    const times = this.#times.get(name) ?? { counts: BOUNDS_MS.map(() => 0).concat(0), count: 0, sumMs: 0 };
    this.#times.set(name, times);
    return times;
  }

  #values([word, { counts, count, sumMs }]: [string, Times]) {
    const labels = { [this.#label]: word };
    let below = 0;
    const buckets = BOUNDS_MS.map((bound, at) => {
      below += counts[at] as number;
      return {
        metricName: `${this.#name}_bucket`,
        labels: { ...labels, le: bound / 1_000 },
        value: below,
      };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${this.#name}_sum`, labels, value: sumMs / 1_000 },
      { metricName: `${this.#name}_count`, labels, value: count },
    ];
  }
}
