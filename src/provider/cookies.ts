import type { Configuration } from 'oidc-provider';

/** Our names, signed; `secure` follows the scheme of the issuer, which app.ts puts on each request. */
export function cookies(secure: boolean, key: string): Partial<Configuration> {
  const options = { httpOnly: true, sameSite: 'lax', signed: true, secure } as const;
  return {
    cookies: {
      keys: [key],
      // RFC 6265bis §4.1.3.2: a `__Host-` cookie cannot be set by another host.
      names: {
        session: secure ? '__Host-postern-session' : 'postern-session',
        interaction: 'postern-interaction',
        resume: 'postern-resume',
      },
      long: { ...options, path: '/' },
      short: options,
    },
  };
}
