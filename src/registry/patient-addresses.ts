// Where a patient is told what happens: set by herself and confirmed by a code that was mailed there, or by the operator.
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { typedSymbols } from '../policy/spoken-code.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import { enqueue } from '../store/outbox.ts';
import { addAddress, confirmAddress, removeAddress, tryAddress } from '../store/patient-addresses.ts';
import { findContact } from '../store/patient-contacts.ts';
import { findPatient } from '../store/patients.ts';
import { requestId } from '../web/request-context.ts';
import { addressCode } from './address-codes.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { email, identifier, readInput } from './input.ts';
import { tellPatient } from './patient-notices.ts';
import { RegistryRefusal } from './refusal.ts';

export const asAddress = (value: unknown): string | undefined => email.safeParse(value).data;

/** She adds it herself: a code goes there. Undefined: it is there already, or there are too many. */
export async function proposeAddress(
  store: Store,
  patientId: string,
  address: string,
): Promise<string | undefined> {
  return store.prisma.$transaction(async (tx) => {
    const id = await addAddress(tx, { patientId, address, createdBy: 'patient', isConfirmed: false });
    if (id === undefined) return undefined;
    const locale = (await findContact(tx, patientId))?.locale ?? null;
    const content = { type: 'patient.address_code', patientId, values: { addressId: id } };
    const known = locale === null ? content : { ...content, locale };
    await enqueue(tx, [{ channel: 'mail', destination: address, content: known }]);
    const detail = { addressId: id };
    await appendAuditEvent(tx, { type: 'address.added', ...about(patientId), detail }, requestId());
    return id;
  });
}

const about = (patientId: string) => ({ accountId: patientId, patientId });

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Every address hears of it, the new one too. */
export async function confirmWithCode(
  store: Store,
  contactKey: string,
  given: { readonly patientId: string; readonly addressId: string; readonly code: string },
): Promise<boolean> {
  const { patientId, addressId, code } = given;
  if (!(await tryAddress(store, patientId, addressId))) return false;
  if (!same(typedSymbols(code), typedSymbols(addressCode(contactKey, addressId)))) return false;
  return store.prisma.$transaction(async (tx) => {
    if (!(await confirmAddress(tx, patientId, addressId))) return false;
    const detail = { addressId };
    await appendAuditEvent(tx, { type: 'address.confirmed', ...about(patientId), detail }, requestId());
    await tellPatient(tx, { type: 'patient.address_added', patientId, values: {} });
    return true;
  });
}

/** The one that is removed hears of it, too. */
export async function dropAddress(store: Store, patientId: string, addressId: string): Promise<boolean> {
  return store.prisma.$transaction(async (tx) => {
    const removed = await removeAddress(tx, patientId, addressId);
    if (removed === undefined) return false;
    const detail = { addressId };
    await appendAuditEvent(tx, { type: 'address.removed', ...about(patientId), detail }, requestId());
    if (removed.confirmedAt === null) return true;
    await tellPatient(tx, { type: 'patient.address_removed', patientId, values: {} }, [removed.address]);
    return true;
  });
}

export const settingAddress = z.strictObject({ patientId: identifier, address: email });

/** The operator knows from the record that it is hers. The addresses that she had hear of it. */
export async function setAddress(
  { store }: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly addressId: string }> {
  const { patientId, address } = readInput(settingAddress, input);
  assertMay(actor, 'patient.contact');
  assertKnown(await findPatient(store, patientId));
  return store.prisma.$transaction(async (tx) => {
    const createdBy = authorOf(actor);
    const addressId = await addAddress(tx, { patientId, address, createdBy, isConfirmed: true });
    if (addressId === undefined) throw new RegistryRefusal('state_conflict');
    await record(tx, actor, { type: 'address.set', patientId, detail: { addressId } });
    await tellPatient(tx, { type: 'patient.address_added', patientId, values: {} });
    return { addressId };
  });
}
