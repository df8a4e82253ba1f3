/** A place to which answers are brought, and the domains of which one must be shown to be the organization's. */
export interface RedirectDomain {
  readonly domain: string;
  readonly shownBy: readonly string[];
}

const LOOPBACK = ['127.0.0.1', '[::1]'];

/** Whose the redirect URIs are; what stays on the person's own device is nobody's. */
export function redirectDomains(redirectUris: readonly string[]): RedirectDomain[] {
  const found = new Map<string, RedirectDomain>();
  for (const uri of redirectUris.filter((text) => URL.canParse(text))) {
    const { protocol, host, hostname } = new URL(uri);
    const isWeb = protocol === 'https:' || protocol === 'http:';
    if (isWeb && LOOPBACK.includes(hostname)) continue;
    const one = isWeb ? { domain: host, shownBy: [host] } : ofScheme(protocol.slice(0, -1));
    found.set(one.domain, one);
  }
  return [...found.values()];
}

/** RFC 8252 §7.1: `com.example.app` is under the control of who has `example.com`. */
function ofScheme(scheme: string): RedirectDomain {
  const labels = scheme.split('.').reverse();
  const shownBy = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
  return { domain: labels.join('.'), shownBy };
}
