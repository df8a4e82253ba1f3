// What a bench is: it measures contenders that take turns in one run, and answers with the figures of its last line.

export interface BenchOptions {
  /** Short turns: for a look, not for figures to publish. */
  readonly quick: boolean;
  /** What is to be counted rather than measured, often: where a bench counts. */
  readonly long: boolean;
  /** Contenders whose names hold this alone: for a look. */
  readonly only: string | undefined;
  /** Where CPU profiles of ours are written. */
  readonly profileDirectory: string | undefined;
}

/** Keys and figures of the JSON object that ends the output. */
export type Results = Readonly<Record<string, unknown>>;

export type Bench = (options: BenchOptions) => Promise<Results>;

/** A contender answered wrongly, or the run proves nothing for another reason: the bench has failed. */
export class BenchFault extends Error {
  override readonly name = 'BenchFault';
}

/** Progress: stdout is for the table and the last line. */
export const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

/** As it is published: four significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(4));
