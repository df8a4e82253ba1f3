import { call, failureText, Refusal, say, supported } from './ceremony.js';
import { tellDevice } from './device-signals.js';

const form = document.querySelector('form[data-passkey="sign-in"]');
const button = form.querySelector('button');
const field = form.querySelector('[data-autofill]');
const webauthn = window.SimpleWebAuthnBrowser;

// One after the other, so that the challenge made last belongs to the ceremony started last.
let asked = Promise.resolve();
function askOptions() {
  asked = asked.catch(() => {}).then(() => call(form, form.dataset.optionsUrl, {}));
  return asked;
}

// A hint that lets the device forget a passkey which the server does not know (WebAuthn Level 3 §5.1.10).
function forgetUnknown(error, options, credential) {
  if (!(error instanceof Refusal) || error.status !== 404) return;
  window.PublicKeyCredential.signalUnknownCredential?.({
    rpId: options.rpId ?? location.hostname,
    credentialId: credential.id,
  })?.catch(() => {});
}

async function verify(options, credential) {
  button.disabled = true;
  say(form, form.dataset.checking);
  try {
    const { next, device } = await call(form, form.dataset.verifyUrl, credential);
    say(form, form.dataset.done, 'success');
    await tellDevice(device);
    location.assign(next);
  } catch (error) {
    forgetUnknown(error, options, credential);
    throw error;
  }
}

function fail(error) {
  say(form, failureText(form, error), 'error');
  button.disabled = error instanceof Refusal && !error.retry;
}

// Conditional: waits for the person to pick a passkey in the field; its end without a choice is no failure.
async function offer() {
  if (field === null || !(await webauthn.browserSupportsWebAuthnAutofill())) return;
  let options;
  let credential;
  try {
    options = await askOptions();
    field.hidden = false;
    credential = await webauthn.startAuthentication({ optionsJSON: options, useBrowserAutofill: true });
  } catch {
    return;
  }
  try {
    await verify(options, credential);
  } catch (error) {
    // The button remains: offering again could send the same passkey for ever.
    field.hidden = true;
    fail(error);
  }
}

async function signIn(event) {
  event.preventDefault();
  button.disabled = true;
  say(form, form.dataset.waiting);
  try {
    const options = await askOptions();
    // Aborts the pending conditional request first: a browser runs one ceremony at a time.
    const credential = await webauthn.startAuthentication({ optionsJSON: options });
    await verify(options, credential);
  } catch (error) {
    fail(error);
    await offer();
  }
}

document.querySelector('[data-needs-script]').remove();
if (supported()) {
  button.disabled = false;
  form.addEventListener('submit', signIn);
  offer();
} else {
  say(form, form.dataset.unsupported, 'warning');
}
