// Helps with long lists; without it the form works the same.

for (const button of document.querySelectorAll('[data-choose-all]')) {
  const boxes = [...button.closest('fieldset').querySelectorAll('input[type=checkbox]:not([data-broad])')];
  const all = () => boxes.every((box) => box.checked);
  const label = () => {
    button.textContent = all() ? button.dataset.none : button.dataset.all;
  };
  button.addEventListener('click', () => {
    const checked = !all();
    for (const box of boxes) box.checked = checked;
    label();
  });
  for (const box of boxes) box.addEventListener('change', label);
  label();
  button.hidden = false;
}

// A second press would answer an interaction that is already over.
document.querySelector('form.consent').addEventListener('submit', (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = 'true';
});
// A page that comes back from the history may be sent again.
window.addEventListener('pageshow', () => {
  delete document.querySelector('form.consent').dataset.sent;
});
