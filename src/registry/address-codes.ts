import { createHmac } from 'node:crypto';
import { inGroups, spokenSymbols } from '../policy/spoken-code.ts';

/** What the mail to a new address holds. It is derived when it is needed: neither database nor outbox keeps it. */
export const addressCode = (key: string, addressId: string): string =>
  inGroups(spokenSymbols(createHmac('sha256', key).update(`address ${addressId}`).digest()).slice(0, 8));
