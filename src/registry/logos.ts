import { createHash } from 'node:crypto';
import type { Actor } from '../policy/permissions.ts';
import { insertLogo } from '../store/logos.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { refuse } from './input.ts';
import { rewritePng } from './png.ts';

export const LOGO_BYTES_MAX = 256 * 1_024;

/** Keeps a picture, for a revision to name as `logoId`: PNG and nothing else, least of all SVG, which holds scripts. */
export async function addLogo(
  deps: RegistryDeps,
  actor: Actor,
  file: Uint8Array,
): Promise<{ readonly logoId: string }> {
  assertMay(actor, 'app.revise', { organizationId: actor.organizationId });
  if (file.length > LOGO_BYTES_MAX) refuse('logo', 'logo_too_large');
  const rewritten = await rewritePng(Buffer.from(file));
  if ('fault' in rewritten) refuse('logo', rewritten.fault);
  const logoId = createHash('sha256').update(rewritten.png).digest('hex');
  await insertLogo(deps.store, logoId, rewritten.png);
  return { logoId };
}
