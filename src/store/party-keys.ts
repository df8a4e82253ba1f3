import { Prisma } from './generated/client.ts';

/** A JWK Set with the public keys of an EHR or a resource server (RFC 7517). */
export interface PartyKeys {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** For a column that may be without: null is none, and not JSON's null. */
export const writtenKeys = (jwks: PartyKeys | null) => (jwks === null ? Prisma.DbNull : plainKeys(jwks));

/** As Prisma takes JSON. */
export const plainKeys = (jwks: PartyKeys) => JSON.parse(JSON.stringify(jwks)) as Prisma.InputJsonObject;
