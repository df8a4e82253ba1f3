import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';

/** Whether a request is for this server, by name. An absolute request target (RFC 9112 §3.2.2) would stand in for Host. */
export function isForHost({ headers, url = '' }: IncomingMessage, host: string): boolean {
  return headers.host === host && url.startsWith('/') && !url.startsWith('//');
}

/**
 * Scheme and host come from the configuration alone: a request for another host is answered with 421 (RFC 9110
 * §15.5.20), and what a proxy or client claims about them is put right before anything reads it.
 */
export function ownHost(issuer: string, anyHost: readonly string[]): Middleware {
  const { host, protocol } = new URL(issuer);
  return (ctx, next) => {
    const { headers, url = '' } = ctx.req;
    if (!isForHost(ctx.req, host) && !anyHost.includes(url)) {
      ctx.status = 421;
      ctx.body = {
        error: 'misdirected_request',
        error_description: 'this server does not answer for that host',
      };
      return;
    }
    for (const name of Object.keys(headers)) if (name.startsWith('x-forwarded-')) delete headers[name];
    delete headers.forwarded;
    headers.host = host;
    headers['x-forwarded-proto'] = protocol.slice(0, -1);
    return next();
  };
}
