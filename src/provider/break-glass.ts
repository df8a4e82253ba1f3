// client_credentials with `break_glass`: a token over the one record, for the one purpose, that somebody was granted in an
// emergency. It ends with the access; there is no refresh token, and nothing but the access itself is asked for again.
import type { KoaContextWithOIDC } from 'oidc-provider';
import { type GlassUse, glassUse } from '../policy/break-glass.ts';
import { decide } from '../policy/rules.ts';
import { revokeAccessToken } from '../store/access-tokens.ts';
import type { App } from '../store/apps.ts';
import { findGlass, type GlassRow } from '../store/break-glass.ts';
import { isStillOpen } from '../store/break-glass-tokens.ts';
import type { Store } from '../store/database.ts';
import { onceARequest } from './once-a-request.ts';
import { textOf } from './parameters.ts';
import { PolicyRefusal, refuseIf } from './refusals.ts';
import { runningRequestId } from './running-request.ts';

const readGlass = onceARequest<GlassRow | undefined>(findGlass);

/** An access that is open, for treatment. */
export interface OpenGlass extends GlassRow {
  readonly audience: string;
  readonly scope: string;
  readonly fhirId: string;
  readonly endsAt: Date;
}

export type GlassOf = (ctx: KoaContextWithOIDC, app: App) => Promise<OpenGlass | undefined>;

/** Undefined: the request is no such one. */
export const createGlassOf =
  (store: Store): GlassOf =>
  async ({ oidc: { body = {} } }, app) => {
    const { grant_type, break_glass, scope, purpose_of_use, resource } = body;
    if (grant_type !== 'client_credentials' || break_glass === undefined) return undefined;
    const glass = await readGlass(store, textOf(break_glass) ?? '');
    if (glass === undefined) throw new PolicyRefusal('break_glass_unknown');
    const asked = { audience: said(resource), scope: said(scope), purpose: said(purpose_of_use) };
    const { audience, scope: granted } = glass;
    const use: GlassUse = { ...glass, audience: audience ?? '', scope: granted ?? '', app, asked };
    refuseIf(decide(glassUse, use));
    return glass as OpenGlass;
  };

/** RFC 6749 §3.2: without a value it is left out; what is sent twice is nothing that was granted. */
const said = (value: unknown): string | undefined =>
  value === undefined || value === '' ? undefined : String(value);

export const secondsLeft = ({ now, endsAt }: OpenGlass): number =>
  Math.max(1, Math.floor((endsAt.getTime() - now.getTime()) / 1_000));

/** What introspection repeats: whose record, and the watermark. */
export const glassClaims = ({ id, purpose, fhirId, endsAt }: OpenGlass) => ({
  ...{ purpose_of_use: purpose, patient: fhirId },
  break_glass: { id, ends_at: endsAt.toISOString() },
});

interface Extra {
  readonly break_glass?: { readonly id: string };
}

/** In whose name a token acts, over whose record. */
export async function glassParties(store: Store, { break_glass: named }: Extra) {
  const glass = named && (await readGlass(store, named.id));
  return glass && { accountId: glass.requestedBy, patientId: glass.patientId };
}

/** Once the token stands: nobody is given one of an access that was ended meanwhile. */
export async function refuseEndedGlass(store: Store, { break_glass: named }: Extra, token: string) {
  if (named === undefined || (await isStillOpen(store, named.id))) return;
  await revokeAccessToken(store, token, runningRequestId());
  throw new PolicyRefusal('break_glass_closed');
}
