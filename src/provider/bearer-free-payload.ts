// A payload without the bearer values in it: its own id, and where an interaction repeats its own or the session's.
import type { Payload } from '../store/oidc-payloads.ts';

interface Held extends Payload {
  readonly returnTo?: string;
  readonly session?: { readonly cookie?: string };
}

const OWN_ID = '{id}';

export function withoutBearers(id: string, { jti: _, ...payload }: Held): Payload {
  const { returnTo, session } = payload;
  return {
    ...payload,
    ...(returnTo === undefined ? {} : { returnTo: returnTo.replace(id, OWN_ID) }),
    ...(session === undefined ? {} : { session: { ...session, cookie: undefined } }),
  };
}

export function withBearers(id: string, payload: Held): Payload {
  const { returnTo } = payload;
  return {
    ...payload,
    jti: id,
    ...(returnTo === undefined ? {} : { returnTo: returnTo.replace(OWN_ID, id) }),
  };
}
