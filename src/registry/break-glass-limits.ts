// Who asks for access to records goes on record also where she is refused, and does not ask without end: which records
// there are is not to be found out by asking.
import type { Actor } from '../policy/permissions.ts';
import { countTry } from '../store/try-counts.ts';
import { record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { refuse } from './input.ts';
import { RegistryRefusal } from './refusal.ts';

/** In an hour. */
const OF_ONE_PERSON = 10;
const OF_ONE_APP = 30;

/** Refused requests count, too. */
export async function assertNotTooOften(
  { store }: RegistryDeps,
  personId: string,
  appId: string | null,
): Promise<void> {
  const field = appId === null ? 'patientId' : 'appId';
  if ((await countTry(store, `break_glass person ${personId}`)) > OF_ONE_PERSON)
    refuse(field, 'asked_too_often');
  if (appId !== null && (await countTry(store, `break_glass app ${appId}`)) > OF_ONE_APP)
    refuse(field, 'asked_too_often');
}

interface Asked {
  readonly kind: 'treatment' | 'support';
  readonly appId?: string;
  readonly organizationId?: string;
}

/** The event says which field was refused and why, and nothing of what stood in it: it may name a patient. */
export async function recordRefused<Result>(
  { store }: RegistryDeps,
  actor: Actor,
  { kind, ...about }: Asked,
  request: () => Promise<Result>,
): Promise<Result> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof RegistryRefusal)) throw error;
    const codes = error.faults.map(({ field, code }) => `${field} ${code}`);
    const detail = { kind, reason: codes.length === 0 ? error.reason : codes.join(', ') };
    await store.prisma.$transaction((tx) =>
      record(tx, actor, { type: 'break_glass.refused', ...about, detail }),
    );
    throw error;
  }
}
