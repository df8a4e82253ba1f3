// The only importer of @simplewebauthn/server: the ceremonies of WebAuthn, for whoever signs in.
// This file: who we are to an authenticator, and why an answer is refused.
export interface RelyingParty {
  readonly name: string;
  /** Host of the issuer. Changing it orphans every passkey. */
  readonly id: string;
  readonly origin: string;
}

export function relyingParty(issuer: string, name: string): RelyingParty {
  const { hostname, origin } = new URL(issuer);
  return { name, id: hostname, origin };
}

/**
 * `unknown`: no such passkey here (the device may forget it). `elsewhere`, `ended`: a good one, of someone who has no
 * business on this page, or none any more; `by-provider`: of someone who signs in at her organization. `foreign`: of someone else than who is signed in. `invalid`: everything else,
 * without telling which.
 */
export type PasskeyRefusalKind = 'unknown' | 'elsewhere' | 'ended' | 'by-provider' | 'foreign' | 'invalid';

export class PasskeyRefusal extends Error {
  override readonly name = 'PasskeyRefusal';
  readonly kind: PasskeyRefusalKind;

  constructor(kind: PasskeyRefusalKind, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.kind = kind;
  }
}

/** The challenge that the browser says it answered; only one that we handed out to it passes. */
export function challengeIn(clientDataJSON: string): string {
  try {
    const { challenge, crossOrigin } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    // WebAuthn §5.8.1, crossOrigin: our pages are in nobody's frame.
    if (typeof challenge === 'string' && crossOrigin !== true) return challenge;
  } catch {
    // Unreadable: refused below like a challenge of someone else.
  }
  throw new PasskeyRefusal('invalid', 'the client data holds no challenge of our own page');
}
