// Shows the consent page as the form changes; without it the buttons do the same.

const form = document.querySelector('form[data-preview-url]');
const place = document.querySelector('[data-preview]');
const scopes = form.elements.namedItem('scopeCeiling');
const boxes = [...form.querySelectorAll('input[name="builder.box"]')];
// The answer is our own page, with all that was typed escaped by the server.
const trusted = window.trustedTypes?.createPolicy('preview', { createHTML: (html) => html });
let latest = 0;
let timer;

async function refresh(action) {
  latest += 1;
  const mine = latest;
  const body = new URLSearchParams(new FormData(form));
  body.set('action', action);
  const answer = await fetch(form.dataset.previewUrl, { method: 'POST', body }).catch(() => undefined);
  if (answer === undefined || !answer.ok || answer.redirected || mine !== latest) return;
  const html = await answer.text();
  place.innerHTML = trusted ? trusted.createHTML(html) : html;
  const shown = place.querySelector('[data-scopes]');
  if (action === 'build') scopes.value = shown.dataset.scopes;
  const ticked = shown.dataset.boxes.split(' ');
  for (const box of boxes) box.checked = ticked.includes(box.value);
}

form.addEventListener('input', ({ target }) => {
  clearTimeout(timer);
  if (target.name === 'builder.box') refresh('build');
  else timer = setTimeout(() => refresh('preview'), 400);
});

// The first button of a form is what Enter presses; in a search it is the one beside it.
form.addEventListener('keydown', (event) => {
  const action = event.target.dataset.enter;
  if (event.key !== 'Enter' || action === undefined) return;
  event.preventDefault();
  form.querySelector(`button[value="${action}"]`).click();
});
