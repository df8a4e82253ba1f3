// Where a process spent its time, from the CPU profiles that node wrote when it ended.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SHOWN = 40;
const NO_WORK = ['(idle)', '(root)'];

/** The busiest of the directory: whose work it was, by package, and the functions that took most themselves. */
export function profileSummary(directory: string): string {
  const files = readdirSync(directory).filter((name) => name.endsWith('.cpuprofile'));
  const profiles = files.map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as Profile);
  const [busiest] = profiles.sort((a, b) => busyMicros(b) - busyMicros(a));
  if (busiest === undefined) return 'no profile was written';
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  for (const [name, owner, micros] of selfTimes(busiest)) {
    functions.set(name, (functions.get(name) ?? 0) + micros);
    packages.set(owner, (packages.get(owner) ?? 0) + micros);
  }
  const whole = [...packages.values()].reduce((sum, micros) => sum + micros, 0);
  const lines = (of: ReadonlyMap<string, number>) =>
    [...of]
      .sort(([, a], [, b]) => b - a)
      .slice(0, SHOWN)
      .map(([name, micros]) => `${((100 * micros) / whole).toFixed(1).padStart(6)} %  ${name}`);
  return ['by package', ...lines(packages), 'by function', ...lines(functions)].join('\n');
}

const busyMicros = (profile: Profile) =>
  [...selfTimes(profile)].reduce((sum, [, , micros]) => sum + micros, 0);

function* selfTimes({ nodes, samples, timeDeltas }: Profile): Iterable<[string, string, number]> {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    if (frame === undefined || NO_WORK.includes(frame.functionName)) continue;
    const { functionName, url, lineNumber } = frame;
    const place = url === '' ? '' : ` ${basename(url)}:${lineNumber + 1}`;
    yield [`${functionName || '(anonymous)'}${place}`, ownerOf(url, functionName), timeDeltas[index] ?? 0];
  }
}

function ownerOf(url: string, functionName: string): string {
  if (url === '') return functionName === '(garbage collector)' ? functionName : '(native)';
  if (url.startsWith('node:')) return url.replace('node:internal/', 'node:').split('/')[0] ?? url;
  const parts = url.split('/node_modules/').at(-1)?.split('/') ?? [];
  if (!url.includes('/node_modules/')) return `ours: ${parts.slice(-2).join('/')}`;
  return parts[0]?.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? url);
}
