// What a contract limits, as people read it: on the pages of operators and of vendors.
import { WEEKDAYS } from '../policy/contract-hours.ts';
import type { ContractLimits } from '../policy/contract-limits.ts';
import { formatWindows } from '../policy/contract-windows.ts';
import { daysBetween } from '../policy/days.ts';
import type { Translate } from '../web/messages.ts';

export interface LimitFact {
  readonly label: string;
  readonly value: string;
}

/** Only what is limited. */
export function limitFacts(limits: ContractLimits | null, t: Translate): readonly LimitFact[] {
  if (limits === null) return [];
  const { datasets, operations, patientsPerHour, resourcesPerHour, hours } = limits;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['datasets', datasets?.map((one) => t(`scope.${one}.name`)).join(', ')],
    ['operations', operations?.map((one) => t(`contract.operation.${one}`)).join(', ')],
    ['patientsPerHour', patientsPerHour?.toString()],
    ['resourcesPerHour', resourcesPerHour?.toString()],
    ['hours', hours === null ? undefined : `${inWords(formatWindows(hours.windows), t)} (${hours.timeZone})`],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [{ label: t(`contract.limit.${name}`), value }],
  );
}

const DAYS = new RegExp(`\\b(?:${WEEKDAYS.join('|')})\\b`, 'g');

/** Windows as policy/contract-windows writes them. */
export const inWords = (windows: string, t: Translate): string =>
  windows.replace(DAYS, (day) => t(`contract.day.${day}`)).replaceAll('\n', '; ');

interface Standing {
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly approvalNeeded: readonly string[];
  readonly approvedAt: Date | null;
}

export const awaitsApproval = ({ approvalNeeded, approvedAt }: Standing): boolean =>
  approvalNeeded.length > 0 && approvedAt === null;

/** How it stands, and how that looks. */
export function contractState(contract: Standing, now: Date) {
  if (contract.endsAt <= now) return { state: 'ended', look: 'off' } as const;
  if (awaitsApproval(contract)) return { state: 'awaiting', look: 'soon' } as const;
  return contract.startsAt > now
    ? ({ state: 'later', look: 'soon' } as const)
    : ({ state: 'in-force', look: 'on' } as const);
}

/** Whole days until it ends, those that have begun counted. */
export const daysLeft = ({ endsAt }: Standing, now: Date): number =>
  Math.max(0, Math.ceil(daysBetween(now, endsAt)));
