export const SPARK_WIDTH = 120;
export const SPARK_HEIGHT = 30;

/** A bar for each value, in a box of 120 by 30: what an SVG path draws. A value that is not 0 is seen. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(1, ...values);
  const step = SPARK_WIDTH / Math.max(1, values.length);
  const baseline = `M0 ${SPARK_HEIGHT - 1}h${SPARK_WIDTH}v1h-${SPARK_WIDTH}z`;
  const bars = values.map((value, index) => {
    if (value <= 0) return '';
    const height = Math.max(3, Math.round((value / most) * (SPARK_HEIGHT - 2)));
    const width = round(step * 0.75);
    return `M${round(index * step)} ${SPARK_HEIGHT - height}h${width}v${height}h-${width}z`;
  });
  return baseline + bars.join('');
}

const round = (value: number): number => Math.round(value * 10) / 10;
