import { call, failureText, Refusal, say, supported } from './ceremony.js';

const root = document.querySelector('[data-passkey="invitation"]');
const form = root.querySelector('form');
const button = form.querySelector('button');
let code = '';

// The code is in the fragment, which no server sees; it leaves the address bar before anything else happens.
function takeCode() {
  code = location.hash.replace(/^#(code=)?/, '');
  history.replaceState(null, '', location.pathname + location.search);
}

async function open() {
  takeCode();
  form.hidden = true;
  if (code === '') return say(root, root.dataset.noCode, 'warning');
  say(root, root.dataset.opening);
  try {
    const { name } = await call(root, root.dataset.openUrl, { code });
    const hello = root.querySelector('[data-hello-text]');
    hello.textContent = root.dataset.hello.split('%').join(name);
    form.hidden = false;
    say(root, '');
    hello.focus();
  } catch (error) {
    say(root, failureText(root, error), 'error');
  }
}

async function create(event) {
  event.preventDefault();
  button.disabled = true;
  say(root, root.dataset.waiting);
  try {
    // Another tab may have opened the invitation of someone else meanwhile.
    await call(root, root.dataset.openUrl, { code });
    const optionsJSON = await call(root, root.dataset.optionsUrl, {});
    const credential = await window.SimpleWebAuthnBrowser.startRegistration({ optionsJSON });
    say(root, root.dataset.checking);
    const { next } = await call(root, root.dataset.verifyUrl, credential);
    say(root, root.dataset.done, 'success');
    location.assign(next);
  } catch (error) {
    button.disabled = error instanceof Refusal && !error.retry;
    say(root, failureText(root, error), 'error');
  }
}

root.parentNode.querySelector('[data-needs-script]').remove();
if (supported()) {
  form.addEventListener('submit', create);
  open();
  // The whole link, pasted over one that was cut, does not load the page again.
  window.addEventListener('hashchange', open);
} else {
  say(root, root.dataset.unsupported, 'warning');
}
