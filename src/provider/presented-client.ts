import type { KoaContextWithOIDC } from 'oidc-provider';
import { readAssertion } from './client-assertion.ts';
import { textOf } from './parameters.ts';

/** Who a request says that it is from, proved or not (RFC 6749 §2.3.1, RFC 7521 §4.2). */
export function presentedClientId(ctx: KoaContextWithOIDC): string | undefined {
  const { client, params } = ctx.oidc;
  if (client !== undefined) return client.clientId;
  const assertion = textOf(params?.client_assertion);
  const subject = assertion === undefined ? undefined : readAssertion(assertion)?.claims.sub;
  return textOf(params?.client_id) ?? textOf(subject) ?? basicUser(ctx.get('Authorization'));
}

/** How a request tried to prove who it is from. */
export function presentedMethod(ctx: KoaContextWithOIDC): string {
  const { params = {} } = ctx.oidc;
  if (params.client_secret !== undefined) return 'client_secret_post';
  if (params.client_assertion !== undefined) return 'private_key_jwt';
  return ctx.get('Authorization') === '' ? 'none' : 'client_secret_basic';
}

function basicUser(header: string): string | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  const [user = ''] = Buffer.from(encoded ?? '', 'base64')
    .toString('utf8')
    .split(':');
  try {
    return decodeURIComponent(user.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
