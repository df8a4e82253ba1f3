// Whether an error says that the database did not answer, rather than that it refused a statement.
import { BusyError } from './batch.ts';

interface DriverError {
  readonly kind?: string;
  readonly originalCode?: string;
}

interface Fault {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly message?: unknown;
  readonly meta?: { readonly driverAdapterError?: { readonly cause?: DriverError } };
}

// SQLSTATE classes: connection, rolled back against others (40001, 40P01: nothing was decided), resources, operator
// intervention (57014: a statement that took too long), system. 25006: a standby that is not, or not yet, the primary.
const SQLSTATE = /^((08|40|53|57|58)[0-9A-Z]{3}|25006)$/;

// What must be written cannot be, whoever asks: no right to, no table, no partition, a trigger that refuses, damaged pages.
// No permit without its event: nothing was decided either.
const BROKEN = /^(42501|42P01|P0001|23514|XX[0-9A-Z]{3})$/;

// Prisma: not reachable, timed out, connection closed; no connection free; no transaction begun in time; rolled back
// against another.
const PRISMA = /^(P10\d\d|P2024|P2028|P2034|P2037)$/;

const KINDS = ['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections'];

// pg gives these no code.
const MESSAGE =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** True when nothing was decided because of the database: the answer is 503. */
export const isUnavailable = (error: unknown): boolean => passes(error) || isBroken(error);

/** It answers, and does not do what it must: somebody has to repair it. */
export function isBroken(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, meta } = error as Fault;
  const { originalCode = '' } = meta?.driverAdapterError?.cause ?? {};
  return BROKEN.test(originalCode) || (typeof code === 'string' && BROKEN.test(code));
}

/** What passes when the database is back. */
function passes(error: unknown): boolean {
  if (error instanceof BusyError) return true;
  if (typeof error !== 'object' || error === null) return false;
  const { code, syscall, message, meta } = error as Fault;
  const { kind = '', originalCode = '' } = meta?.driverAdapterError?.cause ?? {};
  return (
    (typeof code === 'string' && (SQLSTATE.test(code) || PRISMA.test(code))) ||
    SQLSTATE.test(originalCode) ||
    KINDS.includes(kind) ||
    (typeof syscall === 'string' && typeof code === 'string') ||
    (typeof message === 'string' && MESSAGE.test(message))
  );
}
