import { call, failureText, Refusal, say, supported } from './ceremony.js';
import { tellDevice } from './device-signals.js';

const form = document.querySelector('form[data-passkey="add"]');
const button = form.querySelector('button');

async function create(event) {
  event.preventDefault();
  button.disabled = true;
  say(form, form.dataset.waiting);
  try {
    const optionsJSON = await call(form, form.dataset.optionsUrl, {});
    const credential = await window.SimpleWebAuthnBrowser.startRegistration({ optionsJSON });
    say(form, form.dataset.checking);
    const { next, device } = await call(form, form.dataset.verifyUrl, credential);
    say(form, form.dataset.done, 'success');
    await tellDevice(device);
    location.assign(next);
  } catch (error) {
    button.disabled = error instanceof Refusal && !error.retry;
    say(form, failureText(form, error), 'error');
  }
}

document.querySelector('[data-needs-script]').remove();
if (supported()) {
  button.disabled = false;
  form.addEventListener('submit', create);
} else {
  say(form, form.dataset.unsupported, 'warning');
}
