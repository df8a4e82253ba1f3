// What the passkey pages share: a JSON call, the words for a failure, the status line.

export class Refusal extends Error {
  constructor(status, text, retry) {
    super(text);
    this.status = status;
    this.retry = retry;
  }
}

export async function call(root, url, body) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-csrf-token': root.dataset.csrf,
      },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Refusal(0, root.dataset.offline, true);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Refusal(response.status, answer.error ?? root.dataset.failed, answer.retry !== false);
}

export function say(root, text, kind = 'working') {
  const status = root.querySelector('[data-status]');
  status.className = text === '' ? 'status' : `status notice ${kind}`;
  status.textContent = text;
}

// WebAuthn §5.1: NotAllowedError stands for "cancelled", "timed out" and "no passkey here" alike.
const words = {
  NotAllowedError: 'notFinished',
  AbortError: 'notFinished',
  InvalidStateError: 'exists',
  SecurityError: 'wrongSite',
  NotSupportedError: 'unsupported',
};

export function failureText(root, error) {
  if (error instanceof Refusal) return error.message;
  return root.dataset[words[error?.name] ?? 'failed'];
}

export function supported() {
  return window.SimpleWebAuthnBrowser?.browserSupportsWebAuthn() ?? false;
}
