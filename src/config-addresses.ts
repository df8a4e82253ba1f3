// The form of addresses that settings name.

// The mail library would read options out of a path or a query.
export function isSmtpUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^smtps?:$/.test(url.protocol) || url.hostname === '') return false;
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return false;
  if ((url.username === '') !== (url.password === '')) return false;
  try {
    return decodeURIComponent(url.username + url.password) !== undefined;
  } catch {
    return false;
  }
}

export function isSyslogUrl(value: string): boolean {
  return /^(tls|tcp|udp):\/\/[^/?#@\s]+:\d{1,5}$/.test(value) && URL.canParse(value);
}

/** Where OTLP/HTTP is taken: `v1/traces` is added to it. */
export function isCollectorUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && !/[?#@\s]/.test(value) && url.hostname !== '';
}

/** Browsers treat these as trustworthy without TLS (W3C Secure Contexts §3.1). */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

export function isIssuer(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.origin !== value) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
