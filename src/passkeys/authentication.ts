import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import type { Store } from '../store/database.ts';
import { saveChallenge, takeChallenge } from '../store/passkey-challenges.ts';
import { findPasskey, recordPasskeyUse } from '../store/passkeys.ts';
import { authenticationJson } from './credential-json.ts';
import { challengeIn, PasskeyRefusal, type RelyingParty } from './relying-party.ts';

export interface SignedIn {
  readonly patientId: string;
  /** RFC 8176: user verified, possession of a key in hardware or (synced) in software. */
  readonly amr: readonly string[];
}

/** No list of credentials: the passkey says who she is, so nothing tells whether an account exists. */
export async function authenticationOptions(store: Store, rp: RelyingParty, browserHash: string) {
  const options = await generateAuthenticationOptions({ rpID: rp.id, userVerification: 'required' });
  await saveChallenge(store, { challenge: options.challenge, ceremony: 'authentication', browserHash });
  return options;
}

/** Throws PasskeyRefusal. */
export async function verifyAuthentication(
  store: Store,
  rp: RelyingParty,
  browserHash: string,
  body: unknown,
  requestId?: string,
): Promise<SignedIn> {
  const parsed = authenticationJson.safeParse(body);
  if (!parsed.success) throw new PasskeyRefusal('invalid', 'the answer has not the shape of an assertion');
  const response = parsed.data as AuthenticationResponseJSON;
  const challenge = challengeIn(response.response.clientDataJSON);
  if (!(await takeChallenge(store, { challenge, ceremony: 'authentication', browserHash }))) {
    throw new PasskeyRefusal('invalid', 'the challenge is not open in this browser');
  }
  const passkey = await findPasskey(store, response.id);
  if (passkey === null) throw new PasskeyRefusal('unknown', 'no such passkey');
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
    ['the user handle is not the owner', response.response.userHandle === passkey.patient.userHandle],
    // WebAuthn §6.1.3: backup eligibility never changes.
    ['the backup eligibility changed', eligible === passkey.backupEligible],
  ];
  const broken = rules.find(([, holds]) => !holds)?.[0];
  if (broken !== undefined) throw new PasskeyRefusal('invalid', broken);
  const used = {
    counter: BigInt(authenticationInfo.newCounter),
    backedUp: authenticationInfo.credentialBackedUp,
  };
  if (!(await recordPasskeyUse(store, passkey, used, requestId))) {
    throw new PasskeyRefusal('invalid', 'the counter was moved by another sign-in');
  }
  return { patientId: passkey.patientId, amr: ['user', 'pop', used.backedUp ? 'swk' : 'hwk'] };
}
