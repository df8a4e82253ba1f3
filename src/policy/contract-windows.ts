// Windows of a week as people write them, one a line: `mon-fri 08:00-18:00`, `sat sun 09:00-12:00`.
import { type ContractWindow, WEEKDAYS, type Weekday } from './contract-hours.ts';

/** What cannot be read stays as it was written, for who checks it. */
export function parseWindows(text: string): { days: string[]; from: string; to: string }[] {
  return text
    .split(/[\r\n;]+/)
    .map((line) => line.trim().toLowerCase())
    .filter((line) => line !== '')
    .map((line) => {
      const words = line.split(/[\s,]+/);
      const [from = '', to = ''] = (words.pop() ?? '').split('-');
      return { days: [...new Set(words.flatMap(daysIn))], from, to };
    });
}

function daysIn(word: string): string[] {
  const [first = '', last] = word.split('-');
  const [at, end] = [WEEKDAYS.indexOf(first as Weekday), WEEKDAYS.indexOf((last ?? first) as Weekday)];
  if (at < 0 || end < 0) return [word];
  const length = ((end - at + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => WEEKDAYS[(at + index) % 7] as string);
}

export const formatWindows = (windows: readonly ContractWindow[]): string =>
  windows.map(({ days, from, to }) => `${days.join(' ')} ${from}-${to}`).join('\n');
