// Bearer values are stored as their SHA-256 only.
import { hash } from 'node:crypto';

export const sha256 = (value: string): Buffer => hash('sha256', value, 'buffer');

export const sha256Hex = (value: string): string => hash('sha256', value, 'hex');

/** The first 128 bits of the SHA-256, as a uuid. */
export function uuidOf(value: string): string {
  const hex = sha256Hex(value).slice(0, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
