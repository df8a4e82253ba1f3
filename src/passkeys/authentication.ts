import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import type { AuditEvent } from '../audit-event.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Store } from '../store/database.ts';
import type { Holder, KnownHolder } from '../store/holders.ts';
import { saveChallenge, takeChallenge } from '../store/passkey-challenges.ts';
import { findPasskey, listPasskeys, recordPasskeyUse } from '../store/passkeys.ts';
import { authenticationJson } from './credential-json.ts';
import { challengeIn, PasskeyRefusal, type PasskeyRefusalKind, type RelyingParty } from './relying-party.ts';

/** Whom a page lets in, and what of it is recorded. */
export type Admission<Who> = (
  holder: KnownHolder,
) =>
  | { readonly who: Who; readonly event: AuditEvent }
  | { readonly refusal: Exclude<PasskeyRefusalKind, 'unknown'>; readonly event?: AuditEvent };

export interface SignedIn<Who> {
  readonly who: Who;
  readonly passkeyId: string;
  /** The passkey is on another device than the browser (WebAuthn §5.8.4, `hybrid`). */
  readonly elsewhere: boolean;
  /** RFC 8176: user verified, possession of a key in hardware or (synced) in software. */
  readonly amr: readonly string[];
}

/**
 * Without `holder` no list of credentials: the passkey says who she is, so nothing tells whether an account exists. Who is
 * signed in already is asked for one of her own.
 */
export async function authenticationOptions(
  store: Store,
  rp: RelyingParty,
  browserHash: string,
  holder?: Holder,
) {
  const own = holder && (await listPasskeys(store, holder));
  const allowCredentials = own?.map(({ id, transports }) => ({ id, transports: transports as never }));
  const options = await generateAuthenticationOptions({
    rpID: rp.id,
    userVerification: 'required',
    ...(allowCredentials && { allowCredentials }),
  });
  await saveChallenge(store, { challenge: options.challenge, ceremony: 'authentication', browserHash });
  return options;
}

interface Answer<Who> {
  readonly browserHash: string;
  readonly body: unknown;
  /** Asked once the assertion holds: nobody else learns whose passkey it is. */
  readonly admit: Admission<Who>;
  /** Which browser it is, in words. */
  readonly usedWith: string | null;
  readonly requestId: string | undefined;
}

/** Throws PasskeyRefusal. */
export async function verifyAuthentication<Who>(
  store: Store,
  rp: RelyingParty,
  { browserHash, body, admit, usedWith, requestId }: Answer<Who>,
): Promise<SignedIn<Who>> {
  const parsed = authenticationJson.safeParse(body);
  if (!parsed.success) throw new PasskeyRefusal('invalid', 'the answer has not the shape of an assertion');
  const response = parsed.data as AuthenticationResponseJSON;
  const challenge = challengeIn(response.response.clientDataJSON);
  if (!(await takeChallenge(store, { challenge, ceremony: 'authentication', browserHash }))) {
    throw new PasskeyRefusal('invalid', 'the challenge is not open in this browser');
  }
  const passkey = await findPasskey(store, response.id);
  if (passkey === undefined) throw new PasskeyRefusal('unknown', 'no such passkey');
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
    credential: {
      id: passkey.id,
      publicKey: new Uint8Array(passkey.publicKey),
      counter: Number(passkey.counter),
      transports: passkey.transports as never,
    },
  }).catch((cause: unknown) => {
    throw new PasskeyRefusal('invalid', 'the assertion does not hold', cause);
  });
  const eligible = authenticationInfo?.credentialDeviceType === 'multiDevice';
  const rules: readonly (readonly [string, boolean])[] = [
    ['the assertion does not hold', verified],
    // WebAuthn §7.2 step 7: a discoverable credential names its user.
    ['the user handle is not the owner', response.response.userHandle === passkey.known.userHandle],
    // WebAuthn §6.1.3: backup eligibility never changes.
    ['the backup eligibility changed', eligible === passkey.backupEligible],
  ];
  const broken = rules.find(([, holds]) => !holds)?.[0];
  if (broken !== undefined) throw new PasskeyRefusal('invalid', broken);
  const admitted = admit(passkey.known);
  if ('refusal' in admitted) {
    if (admitted.event) await appendAuditEvent(store.prisma, admitted.event, requestId);
    throw new PasskeyRefusal(admitted.refusal, 'the page does not let this holder in');
  }
  const { who, event } = admitted;
  const used = {
    counter: BigInt(authenticationInfo.newCounter),
    backedUp: authenticationInfo.credentialBackedUp,
    lastUsedWith: usedWith,
  };
  if (!(await recordPasskeyUse(store, passkey, used, event, requestId))) {
    throw new PasskeyRefusal('invalid', 'the counter was moved by another sign-in');
  }
  return {
    ...{ who, passkeyId: passkey.id, amr: amrOf(used) },
    elsewhere: response.authenticatorAttachment === 'cross-platform' && !isPlugged(passkey.transports),
  };
}

export const amrOf = ({ backedUp }: { readonly backedUp: boolean }): readonly string[] => [
  ...['user', 'pop', backedUp ? 'swk' : 'hwk'],
];

/** A security key, which goes along to each device, as against the phone that scanned a code. */
const isPlugged = (transports: readonly string[]): boolean =>
  transports.length > 0 && transports.every((one) => one !== 'hybrid' && one !== 'internal');
