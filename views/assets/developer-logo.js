// Sends a chosen picture by itself; the form that follows names what was kept.

const field = document.querySelector('[data-upload-url]');
const { uploadUrl, most, sending, sent, failed, tooLarge } = field.dataset;
const { elements } = field.closest('form');
const chooser = field.querySelector('[type="file"]');
const status = field.querySelector('[role="status"]');
const shown = field.querySelector('[data-shown]');
let latest = 0;

field.querySelector('[data-chooser]').hidden = false;

function tell(text, bad) {
  status.textContent = text;
  status.className = bad ? 'fault' : '';
}

async function upload(file) {
  const headers = {
    Accept: 'application/json',
    'Content-Type': 'image/png',
    'X-CSRF-Token': elements.namedItem('csrf').value,
  };
  const answer = await fetch(uploadUrl, { method: 'POST', headers, body: file });
  return { ok: answer.ok, ...(await answer.json()) };
}

chooser.addEventListener('change', async () => {
  const [file] = chooser.files;
  if (file === undefined) return;
  if (file.size > Number(most)) return tell(tooLarge, true);
  latest += 1;
  const mine = latest;
  tell(sending, false);
  const { ok, logoId, url, error } = await upload(file).catch(() => ({ ok: false }));
  if (mine !== latest) return;
  if (!ok) return tell(error ?? failed, true);
  const named = elements.namedItem('logoId');
  named.value = logoId;
  shown.querySelector('img').src = url;
  shown.hidden = false;
  tell(sent, false);
  // The preview listens.
  named.dispatchEvent(new Event('input', { bubbles: true }));
});
