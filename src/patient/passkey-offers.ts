// Who is offered another passkey, after a sign-in: on this device, or a second one.
import type { Context } from 'koa';
import { offerSecondPasskey } from '../store/own-passkeys.ts';
import type { PatientDeps } from './deps.ts';

export const ADD_URL = '/my/security/add';

const offers = ['second', 'here'] as const;
export type Offer = (typeof offers)[number];

/** null: she came by herself. */
export const offerIn = (value: unknown): Offer | null => offers.find((offer) => offer === value) ?? null;

const SKIPPED = 'postern-local-passkey';
const SKIPPED_MS = 30 * 24 * 60 * 60 * 1_000;

/** Where a sign-in on our own pages leads to. `elsewhere`: with a passkey of another device. */
export async function afterSignIn(
  { store }: PatientDeps,
  ctx: Context,
  { patientId, elsewhere }: { readonly patientId: string; readonly elsewhere: boolean },
): Promise<string> {
  const skipped = ctx.cookies.get(SKIPPED, { signed: false }) !== undefined;
  if (elsewhere && !skipped) return `${ADD_URL}?for=here`;
  return (await offerSecondPasskey(store, patientId)) ? `${ADD_URL}?for=second` : '/my';
}

/** This browser is not offered one for 30 days; a second passkey was offered once already. */
export function skipOffer({ relyingParty }: PatientDeps, ctx: Context, offer: Offer | null): void {
  if (offer !== 'here') return;
  const secure = relyingParty.origin.startsWith('https:');
  // TLS may end at a proxy in front of us, so the connection's own state does not decide.
  ctx.cookies.secure = secure;
  const kept = { httpOnly: true, sameSite: 'lax', path: '/my', secure, signed: false } as const;
  ctx.cookies.set(SKIPPED, 'skipped', { ...kept, maxAge: SKIPPED_MS });
}
