// The public keys with which an EHR or a resource server proves itself: bare, strong, of different names.
import { z } from 'zod';
import type { Fault } from '../policy/faults.ts';
import { bareJwk, jwkFaults } from '../policy/jwk.ts';
import type { PartyKeys } from '../store/party-keys.ts';

/** RFC 7517 §5. */
export const partyKeys = z.strictObject({
  keys: z.array(z.record(z.string(), z.unknown())).min(1).max(10),
});

interface Given {
  readonly jwks?: PartyKeys | null | undefined;
}

export function keyFaults({ jwks }: Given): Fault[] {
  const keys = jwks?.keys ?? [];
  return keys.flatMap((key, index) => {
    const field = `jwks.keys.${index}`;
    const twice = keys.findIndex(({ kid }) => kid === key.kid) < index;
    return [
      ...jwkFaults(key).map((fault) => ({ ...fault, field: fault.field.replace('jwk', field) })),
      ...(twice ? [{ field: `${field}.kid`, code: 'duplicate' } as const] : []),
    ];
  });
}

/** What is kept of keys without faults. */
export const withBareKeys = <Facts extends Given>(given: Facts): Facts =>
  given.jwks ? { ...given, jwks: { keys: given.jwks.keys.map(bareJwk) } } : given;
