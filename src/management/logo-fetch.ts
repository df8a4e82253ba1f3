import type { Actor } from '../policy/permissions.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { addLogo, LOGO_BYTES_MAX } from '../registry/logos.ts';
import { type Fault, RegistryRefusal } from '../registry/refusal.ts';
import { findLogo } from '../store/logos.ts';
import { logoUrlOf } from '../web/logo-url.ts';

/** Where we serve the pictures that we keep. */
export const logoUriOf = (issuer: string, logoId: string): string => `${issuer}${logoUrlOf(logoId)}`;

/** The picture at an address, fetched safely and kept; our own address of one that we keep is not fetched. */
export async function logoAt(
  deps: RegistryDeps,
  actor: Actor,
  uri: string,
): Promise<{ readonly logoId: string } | { readonly fault: Fault }> {
  const own = logoUriOf(deps.settings.issuer, '');
  const logoId = uri.startsWith(own) ? uri.slice(own.length) : '';
  if ((await findLogo(deps.store, logoId)) !== undefined) return { logoId };
  const field = 'logo_uri';
  const headers = { Accept: 'image/png' };
  const fetched = await deps.fetch(uri, { expect: 'any', maxBytes: LOGO_BYTES_MAX, headers });
  if ('fault' in fetched && fetched.fault === 'too_large')
    return { fault: { field, code: 'logo_too_large' } };
  if ('fault' in fetched || fetched.answer.status !== 200 || fetched.answer.bytes === undefined)
    return { fault: { field, code: 'url_unreachable', value: uri.slice(0, 200) } };
  try {
    return await addLogo(deps, actor, fetched.answer.bytes);
  } catch (cause) {
    const [fault] = cause instanceof RegistryRefusal ? cause.faults : [];
    if (fault === undefined) throw cause;
    return { fault: { ...fault, field } };
  }
}
