import {
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Store } from '../store/database.ts';
import { holderColumns, type KnownHolder } from '../store/holders.ts';
import { saveChallenge, takeChallenge } from '../store/passkey-challenges.ts';
import { isPasskeyIdTaken, listPasskeys, type NewPasskey } from '../store/passkeys.ts';
import { registrationJson } from './credential-json.ts';
import { challengeIn, PasskeyRefusal, type RelyingParty } from './relying-party.ts';

export async function registrationOptions(
  store: Store,
  rp: RelyingParty,
  who: KnownHolder,
  browserHash: string,
) {
  // Staff who are invited again make a passkey in place of those before it, on the same device if need be.
  const held = 'personId' in who.holder ? [] : await listPasskeys(store, who.holder);
  const options = await generateRegistrationOptions({
    rpName: rp.name,
    rpID: rp.id,
    userID: new Uint8Array(Buffer.from(who.userHandle, 'base64url')),
    userName: who.name,
    userDisplayName: who.name,
    attestationType: 'none',
    excludeCredentials: held.map(({ id, transports }) => ({ id, transports: transports as never })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await saveChallenge(store, {
    challenge: options.challenge,
    ceremony: 'registration',
    browserHash,
    subject: who.userHandle,
  });
  return options;
}

interface Answer {
  readonly browserHash: string;
  readonly body: unknown;
  /** Which browser it is, in words. */
  readonly usedWith: string | null;
}

/** The passkey that the answer proves; it is not stored yet. Throws PasskeyRefusal. */
export async function verifyRegistration(
  store: Store,
  rp: RelyingParty,
  who: KnownHolder,
  { browserHash, body, usedWith: lastUsedWith }: Answer,
): Promise<NewPasskey> {
  const parsed = registrationJson.safeParse(body);
  if (!parsed.success) throw new PasskeyRefusal('invalid', 'the answer has not the shape of a credential');
  const response = parsed.data as RegistrationResponseJSON;
  const challenge = challengeIn(response.response.clientDataJSON);
  const mine = await takeChallenge(store, {
    challenge,
    ceremony: 'registration',
    browserHash,
    subject: who.userHandle,
  });
  if (!mine) throw new PasskeyRefusal('invalid', 'the challenge is not open in this browser');
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: true,
  }).catch((cause: unknown) => {
    throw new PasskeyRefusal('invalid', 'the attestation does not hold', cause);
  });
  if (!verified) throw new PasskeyRefusal('invalid', 'the attestation does not hold');
  const { credential, credentialDeviceType, credentialBackedUp, aaguid } = registrationInfo;
  // The attested id is what is stored: it is the one whose shape was checked.
  if (credential.id !== response.id) throw new PasskeyRefusal('invalid', 'the answer names another id');
  // WebAuthn §7.1: a credential id is registered for one person, once.
  if (await isPasskeyIdTaken(store, credential.id)) throw new PasskeyRefusal('invalid', 'the id is taken');
  return {
    id: credential.id,
    ...holderColumns(who.holder),
    publicKey: new Uint8Array(credential.publicKey),
    counter: BigInt(credential.counter),
    backupEligible: credentialDeviceType === 'multiDevice',
    backedUp: credentialBackedUp,
    aaguid,
    transports: response.response.transports ?? [],
    lastUsedWith,
  };
}
