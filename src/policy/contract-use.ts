// What a revision is registered for, beside what the contract of its app covers: told when it is handed in and when it is
// reviewed, not only where it binds.
import { type ContractHours, DAY_MIN, hoursCover, minuteOf, WEEKDAYS } from './contract-hours.ts';
import { type ContractLimits, contractFaults } from './contract-limits.ts';
import { formatWindows } from './contract-windows.ts';
import type { Fault } from './faults.ts';
import type { Hours, UseCase } from './use-case.ts';

export interface RegisteredUse {
  readonly scopeCeiling: string;
  readonly useCase: Pick<UseCase, 'volume' | 'hours'>;
}

/** All of it that is more than was agreed. */
export function beyondContract(
  { scopeCeiling, useCase: { volume, hours } }: RegisteredUse,
  limits: ContractLimits | null,
): readonly Fault[] {
  if (limits === null) return [];
  const { patientsPerHour, resourcesPerHour } = limits;
  const found: readonly (Fault | false)[] = [
    // A request opens one resource at least.
    volume !== null &&
      resourcesPerHour !== null &&
      volume.requestsPerHour > resourcesPerHour && {
        field: 'useCase.volume.requestsPerHour',
        code: 'contract_resources_exceeded',
        value: String(resourcesPerHour),
      },
    volume !== null &&
      patientsPerHour !== null &&
      volume.patientsPerDay > patientsPerHour * clockHours(hours) && {
        field: 'useCase.volume.patientsPerDay',
        code: 'contract_patients_exceeded',
        value: String(patientsPerHour),
      },
    hours !== null &&
      limits.hours !== null &&
      !hoursCover(limits.hours, weekOf(hours, limits.hours.timeZone)) && {
        field: 'useCase.hours',
        code: 'contract_hours_exceeded',
        value: `${formatWindows(limits.hours.windows).replaceAll('\n', '; ')} (${limits.hours.timeZone})`,
      },
  ];
  return [...contractFaults(scopeCeiling, limits), ...found.filter((fault) => fault !== false)];
}

/** Every day the same; at any hour it is so by whatever clocks. */
function weekOf(hours: Hours, timeZone: string): ContractHours {
  const days = WEEKDAYS;
  return hours === 'always'
    ? { timeZone, windows: [{ days, from: '00:00', to: '00:00' }] }
    : { timeZone: hours.timeZone, windows: [{ days, from: hours.from, to: hours.to }] };
}

/** How many hours of the clock it works in on a day: in each of them the contract counts anew. */
function clockHours(hours: Hours | null): number {
  if (hours === null || hours === 'always') return 24;
  const [from, to] = [minuteOf(hours.from), minuteOf(hours.to)];
  const length = (to - from + DAY_MIN) % DAY_MIN || DAY_MIN;
  return Math.min(24, Math.ceil(((from % 60) + length) / 60));
}
