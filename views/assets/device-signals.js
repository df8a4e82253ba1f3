// Hints to the person's passkey provider (WebAuthn Level 3 §5.1.10), where the browser knows them: which passkeys are
// still good, and how the account is called. Nothing depends on them.

const PATIENCE_MS = 400;

/** `device` as the server gave it to who is signed in. */
export async function tellDevice(device) {
  const credential = window.PublicKeyCredential;
  // An empty list would hide every passkey.
  if (credential === undefined || !device?.allAcceptedCredentialIds?.length) return;
  const { rpId, userId, name, allAcceptedCredentialIds } = device;
  const told = [
    credential.signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds }),
    credential.signalCurrentUserDetails?.({ rpId, userId, name, displayName: name }),
  ];
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([Promise.allSettled(told), late]);
}
