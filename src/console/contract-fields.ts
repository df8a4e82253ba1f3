import { CONTRACT_OPERATIONS } from '../policy/contract-limits.ts';
import { formatWindows, parseWindows } from '../policy/contract-windows.ts';
import { dayOf } from '../policy/days.ts';
import { USE_CATEGORIES } from '../policy/use-case.ts';
import type { ContractRow } from '../registry/contracts.ts';
import type { OrganizationChoice } from '../registry/subprocessors.ts';
import { type Field, textIn, textsIn } from '../staff/fields.ts';
import type { Visit } from './visit.ts';

const DATES = ['startsAt', 'endsAt'] as const;

/** The controls of the terms of a contract; `subprocessors` are those that may be named. */
export function termsFields({ words }: Visit, subprocessors: readonly OrganizationChoice[]): Field[] {
  const { t, field } = words;
  const dataset = (value: string) => ({ value, label: t(`scope.${value}.name`) });
  return [
    field('text', 'reference', { hint: true }),
    ...DATES.map((date) => field('date', date, { hint: true })),
    field('text', 'documentHash', { hint: true, optional: true, literal: true }),
    field('boxes', 'subprocessors', {
      options: subprocessors.map(({ id, legalName }) => ({ value: id, label: legalName })),
    }),
    field('boxes', 'datasets', { hint: true, options: USE_CATEGORIES.map(dataset) }),
    field('boxes', 'operations', {
      options: CONTRACT_OPERATIONS.map((value) => ({ value, label: t(`contract.operation.${value}`) })),
    }),
    field('number', 'patientsPerHour', { optional: true }),
    field('number', 'resourcesPerHour', { optional: true }),
    field('text', 'timeZone', { hint: true, optional: true, literal: true }),
    field('textarea', 'windows', { hint: true, optional: true, literal: true, rows: 3 }),
  ];
}

/** What the controls say, as the commands take it. */
export function termsIn(values: URLSearchParams) {
  const [timeZone, windows] = [textIn(values, 'timeZone'), textIn(values, 'windows')];
  const hours =
    timeZone === undefined && windows === undefined
      ? null
      : { timeZone: timeZone ?? '', windows: parseWindows(windows ?? '') };
  return {
    ...{ reference: '', startsAt: '', endsAt: '', ...textsIn(values, ['reference', ...DATES]) },
    documentHash: textIn(values, 'documentHash') ?? null,
    subprocessors: values.getAll('subprocessors'),
    limits: {
      ...{ datasets: ticked(values, 'datasets'), operations: ticked(values, 'operations') },
      patientsPerHour: numberIn(values, 'patientsPerHour'),
      resourcesPerHour: numberIn(values, 'resourcesPerHour'),
      hours,
    },
  };
}

/** Nothing is ticked: of that nothing is limited. */
const ticked = (values: URLSearchParams, name: string) => (values.has(name) ? values.getAll(name) : null);

function numberIn(values: URLSearchParams, name: string): number | string | null {
  const text = textIn(values, name);
  return text === undefined ? null : Number.isNaN(Number(text)) ? text : Number(text);
}

/** What stands in the controls of a contract that there is. */
export function termsValues({ reference, startsAt, endsAt, documentHash, ...more }: ContractRow) {
  const { subprocessors, limits } = more;
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['subprocessors', subprocessors],
    ['datasets', limits?.datasets ?? []],
    ['operations', limits?.operations ?? []],
  ];
  const texts = {
    ...{ reference, startsAt: dayOf(startsAt), endsAt: dayOf(endsAt), documentHash: documentHash ?? '' },
    patientsPerHour: String(limits?.patientsPerHour ?? ''),
    resourcesPerHour: String(limits?.resourcesPerHour ?? ''),
    timeZone: limits?.hours?.timeZone ?? '',
    windows: formatWindows(limits?.hours?.windows ?? []),
  };
  return new URLSearchParams([
    ...Object.entries(texts),
    ...lists.flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
  ]);
}

/** Faults of limits stand beside the control that said them. */
export function termsControl(field: string): string {
  const name = field.replace(/^limits\./, '');
  if (name === 'hours.timeZone') return 'timeZone';
  return name.startsWith('hours') ? 'windows' : name.replace(/\.\d+$/, '');
}
