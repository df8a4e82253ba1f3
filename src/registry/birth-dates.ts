import { z } from 'zod';
import type { Actor } from '../policy/permissions.ts';
import { representationLimit } from '../policy/representation.ts';
import { isWithinLimit } from '../policy/represented-request.ts';
import { decidedForHer, putBirthDate } from '../store/birth-dates.ts';
import { endGrantsWithin } from '../store/consents.ts';
import type { Transaction } from '../store/database.ts';
import { requestId } from '../web/request-context.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { fault, readInput } from './input.ts';

const OLDEST_YEARS = 130;

const birthday = z.string().superRefine((text, context) => {
  const at = new Date(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && at.toJSON()?.startsWith(text) === true;
  const today = new Date();
  const isNear = at <= today && at.getUTCFullYear() > today.getUTCFullYear() - OLDEST_YEARS;
  if (!isDay) context.addIssue({ code: 'custom', ...fault('not_a_date'), input: text });
  else if (!isNear) context.addIssue({ code: 'custom', ...fault('out_of_range'), input: text });
});

export const birthDate = z.strictObject({ birthDate: birthday });

/**
 * Input: {birthDate}, `2017-06-05`. What others decided for her, and could not decide at her age, ends at once: they are
 * asked again.
 */
export async function recordBirthDate(
  deps: RegistryDeps,
  actor: Actor,
  patientId: string,
  input: unknown,
): Promise<{ readonly endedGrants: number }> {
  assertMay(actor, 'patient.identify');
  const given = readInput(birthDate, input);
  return deps.store.prisma.$transaction((tx) =>
    recordBirthDateWithin(tx, deps, actor, patientId, given.birthDate),
  );
}

/** In the transaction of what else is recorded of her; who may is asked before. */
export async function recordBirthDateWithin(
  tx: Transaction,
  { store, settings }: Pick<RegistryDeps, 'store' | 'settings'>,
  actor: Actor,
  patientId: string,
  birthDate: string,
): Promise<{ readonly endedGrants: number }> {
  const put = await putBirthDate(tx, patientId, birthDate);
  assertKnown(put);
  const now = new Date();
  const over = (await decidedForHer(tx, patientId)).filter(({ grantedScope: scope, expiresAt, ...terms }) => {
    return !isWithinLimit({ scope, expiresAt }, representationLimit(terms, settings.ageRules, now));
  });
  const grantIds = over.map(({ grantId }) => grantId);
  if (grantIds.length > 0) await endGrantsWithin(tx, store, grantIds, { by: 'age_rules' }, requestId());
  const endedGrants = grantIds.length;
  const detail = { endedGrants, ...withoutDates(put.before, birthDate) };
  await record(tx, actor, { type: 'patient.birth_date_recorded', patientId, detail });
  return { endedGrants };
}

/** Birth dates are PHI: the audit hears whether there was one, and whether it is another now. */
function withoutDates(before: string | null, after: string) {
  if (before === null) return { before: null, after: { birthDate: 'recorded' } };
  const now = before === after ? 'unchanged' : 'changed';
  return { before: { birthDate: 'recorded' }, after: { birthDate: now } };
}
