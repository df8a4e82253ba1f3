// A passkey provider in software: answers WebAuthn ceremonies as a device with user verification does.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

interface Held {
  readonly id: Buffer;
  readonly rpId: string;
  readonly userHandle: string;
  readonly key: KeyObject;
  counter: number;
}

export interface Deviations {
  /** What a misbehaving authenticator or page does otherwise. */
  readonly origin?: string;
  readonly rpId?: string;
  readonly userVerified?: boolean;
  readonly userHandle?: string;
  readonly backupEligible?: boolean;
  readonly challenge?: string;
  readonly userPresent?: boolean;
  /** The page that asked stands in a frame of another origin (WebAuthn §5.8.1). */
  readonly crossOrigin?: boolean;
  readonly credentialId?: Buffer;
  /** What the page says that the id is. */
  readonly namedId?: Buffer;
  readonly transports?: readonly string[];
}

export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

export interface RequestOptions {
  readonly challenge: string;
  readonly rpId?: string;
}

const FLAG = { userPresent: 1, userVerified: 4, backupEligible: 8, backedUp: 16, attested: 64 } as const;

const b64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64url');
const hash = (value: string | Buffer) => createHash('sha256').update(value).digest();

export function createAuthenticator(origin: string) {
  const held: Held[] = [];

  const clientData = (type: string, asked: string, deviations: Deviations) => {
    const { challenge = asked, origin: page = origin, crossOrigin = false } = deviations;
    return Buffer.from(JSON.stringify({ type, challenge, origin: page, crossOrigin }));
  };

  const flags = ({ userPresent = true, userVerified = true, backupEligible = true }: Deviations) =>
    (userPresent ? FLAG.userPresent : 0) |
    (userVerified ? FLAG.userVerified : 0) |
    (backupEligible ? FLAG.backupEligible | FLAG.backedUp : 0);

  const counterBytes = (counter: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(counter);
    return bytes;
  };

  return {
    held,
    create(options: CreationOptions, deviations: Deviations = {}) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const id = deviations.credentialId ?? randomBytes(16);
      const rpId = options.rp.id;
      held.push({ id, rpId, userHandle: options.user.id, key: privateKey, counter: 0 });
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const authData = Buffer.concat([
        hash(deviations.rpId ?? rpId),
        Buffer.from([flags(deviations) | FLAG.attested]),
        counterBytes(0),
        Buffer.alloc(16),
        Buffer.from([id.length >> 8, id.length & 0xff]),
        id,
        coseEs256(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')),
      ]);
      const clientDataJSON = b64(clientData('webauthn.create', options.challenge, deviations));
      const attestationObject = b64(attestationNone(authData));
      const named = b64(deviations.namedId ?? id);
      return {
        ...{ id: named, rawId: named, type: 'public-key', clientExtensionResults: {} },
        response: {
          ...{ clientDataJSON, attestationObject },
          transports: deviations.transports ?? ['internal'],
        },
      };
    },
    get(options: RequestOptions, deviations: Deviations = {}, passkey = held[0]) {
      if (passkey === undefined) throw new Error('this authenticator holds no passkey');
      const client = clientData('webauthn.get', options.challenge, deviations);
      const authData = Buffer.concat([
        hash(deviations.rpId ?? passkey.rpId),
        Buffer.from([flags(deviations)]),
        counterBytes(passkey.counter),
      ]);
      const signature = sign('sha256', Buffer.concat([authData, hash(client)]), passkey.key);
      return {
        ...{ id: b64(passkey.id), rawId: b64(passkey.id), type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: b64(client),
          authenticatorData: b64(authData),
          signature: b64(signature),
          userHandle: deviations.userHandle ?? passkey.userHandle,
        },
      };
    },
  };
}

export type Authenticator = ReturnType<typeof createAuthenticator>;

// CBOR (RFC 8949) of a COSE EC2 key: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
function coseEs256(x: Buffer, y: Buffer): Buffer {
  const bytes32 = (value: Buffer) => Buffer.concat([Buffer.from([0x58, 32]), value]);
  const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
  return Buffer.concat([head, bytes32(x), Buffer.from([0x22]), bytes32(y)]);
}

// {"fmt": "none", "attStmt": {}, "authData": bytes}
function attestationNone(authData: Buffer): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)]);
  const length = Buffer.from([0x59, authData.length >> 8, authData.length & 0xff]);
  return Buffer.concat([
    ...[Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0])],
    ...[text('authData'), length, authData],
  ]);
}
