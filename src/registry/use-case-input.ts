import { z } from 'zod';
import { isCountry } from '../policy/countries.ts';
import {
  BASES,
  EXCHANGE_PROFILES,
  type Hours,
  IDENTIFICATIONS,
  USE_CATEGORIES,
  type UseCase,
} from '../policy/use-case.ts';
import { day, fault, line, list, maybe, prose } from './input.ts';

export const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);

const timeZones: ReadonlySet<string> = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')]);

/** IANA. */
export const timeZone = z.string().refine((name) => timeZones.has(name), fault('time_zone_unknown'));

const fromTo = z.strictObject({ from: timeOfDay, to: timeOfDay, timeZone });

/** Either the word or the hours; what is wrong with the hours is told of each part. */
const hours = z
  .unknown()
  .transform((given, context): Hours | null => {
    if (given === 'always' || given === null) return given;
    const read = fromTo.safeParse(given, { reportInput: true });
    if (read.success) return read.data;
    context.issues.push(...read.error.issues.map((issue) => ({ input: undefined, ...issue })));
    return z.NEVER;
  })
  .prefault(null);

const count = z.int().min(1).max(100_000_000);
export const useCaseSchema: z.ZodType<UseCase> = z.strictObject({
  categories: list(z.enum(USE_CATEGORIES as [string, ...string[]]), USE_CATEGORIES.length).default([]),
  access: maybe(z.enum(['view', 'change'])),
  basis: maybe(z.enum(BASES)),
  basisReference: maybe(line(300)),
  exchangeProfile: maybe(z.enum(EXCHANGE_PROFILES)),
  volume: maybe(z.strictObject({ requestsPerHour: count, patientsPerDay: count })),
  hours,
  endsAt: maybe(day),
  revocation: maybe(prose(1_000)),
  storageCountries: list(z.string().refine(isCountry, fault('country_unknown')), 60).default([]),
  legalReview: maybe(z.strictObject({ by: line(200), reference: line(300), reviewedAt: day })),
  minimization: maybe(z.strictObject({ necessity: prose(1_000), identification: z.enum(IDENTIFICATIONS) })),
});
