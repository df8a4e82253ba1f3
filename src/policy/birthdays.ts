// When somebody comes to an age. No record tells in which time zone, and laws differ about the 29th of February: what is
// tightened on a birthday comes at its earliest reading, what is loosened at its latest.

/** The ages at which the rules of representation change. */
export interface AgeRules {
  /** From here on what is confidential is hers alone. */
  readonly teenAge: number;
  /** From here on nobody acts for her because she is under age. */
  readonly majorityAge: number;
}

const HOUR_MS = 3_600_000;

/** Where that day begins first (UTC+14); of the 29th of February the 28th where there is none. */
export function birthdayBegins(birthDate: string, age: number): Date {
  const [year, month, day] = partsOf(birthDate);
  const monthEnds = new Date(Date.UTC(year + age, month, 0)).getUTCDate();
  return new Date(Date.UTC(year + age, month - 1, Math.min(day, monthEnds)) - 14 * HOUR_MS);
}

/** Where that day begins last (UTC-12); of the 29th of February the 1st of March where there is none. */
export function birthdayEverywhere(birthDate: string, age: number): Date {
  const [year, month, day] = partsOf(birthDate);
  return new Date(Date.UTC(year + age, month - 1, day) + 12 * HOUR_MS);
}

const partsOf = (birthDate: string) => birthDate.split('-').map(Number) as [number, number, number];

/** Null: nobody knows. */
export const isOfAge = (birthDate: string | null, { majorityAge }: AgeRules, now: Date): boolean | null =>
  birthDate === null ? null : now >= birthdayEverywhere(birthDate, majorityAge);

/** Whether what is confidential is hers alone: of whom nobody knows the age, it is. */
export function hidesConfidential(birthDate: string | null, rules: AgeRules, now: Date): boolean {
  if (birthDate === null) return true;
  const begins = birthdayBegins(birthDate, rules.teenAge);
  return begins <= now && now < birthdayEverywhere(birthDate, rules.majorityAge);
}

/** The next birthday that takes something from those who act for her; null: there is none to come, or nobody knows. */
export function nextAgeLimit(birthDate: string | null, rules: AgeRules, now: Date): Date | null {
  if (birthDate === null) return null;
  const limits = [rules.teenAge, rules.majorityAge].map((age) => birthdayBegins(birthDate, age));
  return limits.sort((a, b) => a.getTime() - b.getTime()).find((limit) => now < limit) ?? null;
}
