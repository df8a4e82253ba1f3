// Bars for a row of days, as an SVG path in a box of 360 by 72.
export interface Chart {
  readonly label: string;
  readonly path: string;
  /** Of the highest bar. */
  readonly most: string;
  readonly from: string;
  readonly until: string;
  readonly look: 'first' | 'second';
}

const WIDTH = 360;
const HEIGHT = 72;

/** A value that is not 0 is seen. */
export function barsOf(values: readonly number[]): string {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length);
  const bars = values.map((value, index) => {
    if (value <= 0) return '';
    const height = Math.max(2, Math.round((value / most) * (HEIGHT - 2)));
    return `M${round(index * step)} ${HEIGHT - 1 - height}h${round(step * 0.8)}v${height}h-${round(step * 0.8)}z`;
  });
  return `M0 ${HEIGHT - 1}h${WIDTH}v1h-${WIDTH}z${bars.join('')}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
