// The terms of a contract as they are handed in.
import { z } from 'zod';
import { WEEKDAYS } from '../policy/contract-hours.ts';
import { CONTRACT_OPERATIONS, type ContractLimits } from '../policy/contract-limits.ts';
import { USE_CATEGORIES } from '../policy/use-case.ts';
import { fault, identifier, instant, line, list, maybe } from './input.ts';
import { timeOfDay, timeZone } from './use-case-input.ts';

const perHour = z.int().min(1).max(100_000_000);

const hours = z.strictObject({
  timeZone,
  windows: list(
    z.strictObject({ days: list(z.enum(WEEKDAYS), WEEKDAYS.length, 1), from: timeOfDay, to: timeOfDay }),
    20,
    1,
  ),
});

/** Left out or null: of that nothing is limited. */
const limits = z
  .strictObject({
    datasets: maybe(list(z.enum(USE_CATEGORIES as [string, ...string[]]), USE_CATEGORIES.length, 1)),
    operations: maybe(list(z.enum(CONTRACT_OPERATIONS), CONTRACT_OPERATIONS.length, 1)),
    patientsPerHour: maybe(perHour),
    resourcesPerHour: maybe(perHour),
    hours: maybe(hours),
  })
  .transform((given): ContractLimits | null =>
    Object.values(given).every((limit) => limit === null) ? null : given,
  );

/** SHA-256, hex. */
const documentHash = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => /^[0-9a-f]{64}$/.test(text), fault('document_hash_unreadable'));

const given = {
  ...{ reference: line(120), startsAt: instant, endsAt: instant, documentHash: documentHash.nullable() },
  ...{ subprocessors: list(identifier, 50), limits: limits.nullable() },
};

export const newContract = z.strictObject({
  ...{ organizationId: identifier, ...given },
  ...{ documentHash: maybe(documentHash), subprocessors: given.subprocessors.default([]) },
  limits: limits.nullable().default(null),
});

export const contractChange = z.strictObject(given).partial();

/** What is left out goes on as it is; it begins when the one before ends, and the document is a new one. */
export const contractRenewal = z
  .strictObject({ ...given, endsAt: instant })
  .partial()
  .required({ endsAt: true });
