import type { RelyingParty } from '../passkeys/relying-party.ts';
import type { Store } from '../store/database.ts';
import { findHolder } from '../store/own-passkeys.ts';
import { listPasskeys } from '../store/passkeys.ts';

/** What her browser may tell her passkey provider (WebAuthn Level 3 §5.1.10), in the names that it has there. */
export interface DeviceSignals {
  readonly rpId: string;
  readonly userId: string;
  readonly name: string;
  readonly allAcceptedCredentialIds: readonly string[];
}

/** Of her who has just shown a passkey, or is signed in: the ids tell that an account exists. */
export async function signalsFor(
  { store, relyingParty }: { readonly store: Store; readonly relyingParty: RelyingParty },
  patientId: string,
): Promise<DeviceSignals> {
  const { name, userHandle } = await findHolder(store, patientId);
  const passkeys = await listPasskeys(store, { patientId });
  return {
    rpId: relyingParty.id,
    userId: userHandle,
    name,
    allAcceptedCredentialIds: passkeys.map(({ id }) => id),
  };
}
